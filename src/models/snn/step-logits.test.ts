/** Scores of each timestep by itself, which training may ask for. */
import { describe, expect, it } from "vitest";
import { liveTensors, mul, rand, scope, sum } from "../../engine/index.js";
import { architectureNames, createModel, planNetwork } from "../index.js";

/** Relative to scores near 1; sums in another order. */
const tolerance = 1e-4;
const timesteps = 3;

describe("scores of each timestep", () => {
  it.each(architectureNames)("of %s are together what the network says", (arch) => {
    const before = liveTensors();
    const config = { kind: "snn", arch, inputChannels: 3, numClasses: 4, timesteps } as const;
    using model = createModel(config, { seed: 1 });
    const live = liveTensors();
    scope("test", () => {
      const input = rand([2, 3, 32, 32], 5);
      const { logits, stepLogits } = model.forward(input, { eachStep: true });
      expect(stepLogits!.shape).toEqual([timesteps, ...logits.shape]);
      // A decoder adds up over time, a 1x1 output is a mean.
      const share = planNetwork(model.config).decoder === undefined ? 1 / timesteps : 1;
      const together = mul(sum(stepLogits!, [0]), share).toFloat32Array();
      const whole = logits.toFloat32Array();
      const largest = whole.reduce((most, x) => Math.max(most, Math.abs(x)), 1);
      expect(whole.findIndex((x, i) => !(Math.abs(x - together[i]!) < tolerance * largest))).toBe(-1);
      const steps = stepLogits!.toFloat32Array();
      expect(steps.slice(0, whole.length)).not.toEqual(steps.slice(whole.length, 2 * whole.length));
      sum(stepLogits!).backward();
      expect([...model.parameters().values()].every(({ grad }) => grad !== undefined)).toBe(true);
      expect(model.forward(input).stepLogits).toBeUndefined();
    });
    for (const parameter of model.parameters().values()) parameter.clearGrad();
    expect(liveTensors()).toBe(live);
    model.dispose();
    expect(liveTensors()).toBe(before);
  });

  it("are the same in training on bits, which then goes step by step", () => {
    const config = { kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 4, timesteps } as const;
    using model = createModel(config, { seed: 1, precision: "bf16" });
    scope("test", () => {
      const { stepLogits } = model.forward(rand([1, 3, 16, 16], 5), { eachStep: true });
      expect(stepLogits!.shape).toEqual([timesteps, 1, 4, 16, 16]);
    });
  });
});
