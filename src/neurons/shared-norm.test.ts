/** Batch norm that timesteps share, against sums of plain numbers. */
import { describe, expect, it } from "vitest";
import { add, flatten, mean, mul, randn, scope, select, sub, sum, type Tensor } from "../engine/index.js";
import { SharedNorm, type SharedNormName } from "./index.js";

const shape = [3, 4, 2, 5, 5];
const currents = () => add(mul(randn(shape, 1), 2), 3);
const norm = (form: SharedNormName, threshold = 1) =>
  new SharedNorm({ form, channels: 2, timesteps: 3, threshold, device: "cpu" });
/** Mean and mean square of a channel over time, batch and pixels. */
const moments = (x: Tensor, channel: number) =>
  scope("moments", () => {
    const values = select(flatten(x, 0, 1), 1, channel);
    return [mean(values).item(), mean(mul(values, values)).item()] as const;
  });

describe("SharedNorm", () => {
  it.each<[SharedNormName, number]>([
    ["plain", 1],
    ["affine", 1],
    ["tdbn", 0.5],
    ["tebn", 1],
  ])("%s begins with mean 0 and deviation %d over all timesteps", (form, deviation) => {
    scope("test", () => {
      using own = norm(form, 0.5);
      const y = own.forwardSteps(currents(), { firstStep: 0 });
      expect(y.shape).toEqual(shape);
      for (const channel of [0, 1]) {
        const [first, second] = moments(y, channel);
        expect(first).toBeCloseTo(0, 4);
        expect(Math.sqrt(second)).toBeCloseTo(deviation, 3);
      }
      expect(own.runningMean.toNumbers().every((m) => Math.abs(m - 0.3) < 0.1)).toBe(true);
    });
  });

  it("learns a scale and a shift per channel, and tebn a factor per timestep", () => {
    scope("test", () => {
      using own = norm("tebn");
      expect([...own.parameters()].map(([name, { shape: own }]) => [name, own])).toEqual([
        ["weight", [2]],
        ["bias", [2]],
        ["p", [3]],
      ]);
      const y = own.forwardSteps(currents(), { firstStep: 0 });
      sum(mul(y, y)).backward();
      // ∂/∂p[t] of Σ (p[t]·x̂)² is 2·Σ x̂² over its timestep.
      const expected = [0, 1, 2].map((t) => 2 * sum(mul(select(y, 0, t), select(y, 0, t))).item());
      expect(own.factors!.grad!.toNumbers()).toEqual(expected.map((x) => expect.closeTo(x, 1)));
    });
  });

  it("uses what it has learnt at any timestep, tebn only those it has factors for", () => {
    scope("test", () => {
      using own = norm("affine");
      own.setTraining(false);
      const y = own.forwardSteps(currents(), { firstStep: 7 });
      expect(sum(sub(y, currents())).item()).toBeCloseTo(0, 0);
      using timed = norm("tebn");
      timed.setTraining(false);
      expect(() => timed.forwardSteps(currents(), { firstStep: 1 })).toThrow(
        "expected at most 3 timesteps, as tebn has factors for, received 4",
      );
    });
  });
});
