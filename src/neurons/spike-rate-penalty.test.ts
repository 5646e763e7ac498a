import { describe, expect, it } from "vitest";
import { liveTensors, mean, scope, tensorFrom } from "../engine/index.js";

import { SpikeRatePenalty } from "./spike-rate-penalty.js";

const spikesOf = (...values: number[]) => tensorFrom(Float64Array.from(values), [values.length, 1, 1, 1, 1]);

describe("SpikeRatePenalty", () => {
  it("is the mean squared relative excess over the target, with its gradient", () => {
    const before = liveTensors();
    scope("test", () => {
      using penalty = new SpikeRatePenalty({ target: 0.25, weight: 3 });
      const busy = spikesOf(1, 1, 0, 0).setRequiresGrad(true); // rate 0.5: twice the target
      const calm = spikesOf(0, 0, 0, 0, 0, 0, 0, 1).setRequiresGrad(true); // rate 0.125
      penalty.rate("a", mean(busy));
      penalty.rate("b", mean(calm));
      const loss = penalty.take()!;
      expect(loss.item()).toBeCloseTo(3 * ((0.5 / 0.25 - 1) ** 2 / 2), 12);
      loss.backward();
      // d/ds of 3/2·(mean(s)/0.25 − 1)²: 3·(0.5/0.25 − 1)/0.25 shared by 4 elements
      expect([...(busy.grad!.toArray() as Float64Array)]).toEqual([3, 3, 3, 3]);
      expect([...(calm.grad!.toArray() as Float64Array)].every((g) => g === 0)).toBe(true);
    });
    expect(liveTensors()).toBe(before);
  });

  it("forgets what it handed out, and frees what nobody asked for", () => {
    const before = liveTensors();
    {
      using penalty = new SpikeRatePenalty({ target: 0.1, weight: 1 });
      expect(penalty.take()).toBeUndefined();
      scope("test", () => {
        penalty.rate("a", mean(spikesOf(1)));
        expect(penalty.take()).toBeDefined();
        expect(penalty.take()).toBeUndefined();
        penalty.rate("a", mean(spikesOf(1)));
      });
    }
    expect(liveTensors()).toBe(before);
  });
});
