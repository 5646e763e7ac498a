/** A network that sends integers runs on integer kernels where another runs on bits, and says what it computes in. */
import { describe, expect, it } from "vitest";
import { liveTensors, noGrad, rand, randn, scope } from "../engine/index.js";
import { createModel, SpikingState } from "../models/index.js";
import { Forward, fuseIntegers } from "./index.js";

const settings = {
  kind: "snn",
  arch: "dl-vgg9",
  inputChannels: 3,
  numClasses: 4,
  timesteps: 1,
  neuron: "integer",
  norm: "affine",
  threshold: 0.4,
} as const;

describe("Forward", () => {
  it.each([
    ["fast", "int8"],
    ["int8", "int8"],
    ["exact", "fp32"],
  ] as const)("computes integers asked for as %s in %s", (precision, used) => {
    const before = liveTensors();
    {
      using model = createModel(settings);
      scope("settle", () => noGrad(() => void model.forward(rand([2, 3, 24, 24], 1))));
      model.setTraining(false);
      const warnings: string[] = [];
      using forward = new Forward(model, { precision, warn: (line) => warnings.push(line) });
      expect(forward.precision).toBe(used);
      expect(warnings).toHaveLength(used === "fp32" ? 1 : 0);
      scope("test", () => {
        const images = randn([2, 3, 24, 24], 2);
        const [own, found] = [noGrad(() => model.forward(images)), forward.forward(images)];
        using fused = fuseIntegers(model);
        const expected = used === "fp32" ? own : fused.forward(images);
        expect(found.logits.toFloat32Array()).toEqual(expected.logits.toFloat32Array());
        // A stream keeps membranes: the network's own forward.
        using state = new SpikingState();
        const streamed = noGrad(() => forward.advance(randn([1, 2, 3, 24, 24], 2), state));
        expect(streamed.toFloat32Array()).toEqual(own.logits.toFloat32Array());
      });
    }
    expect(liveTensors()).toBe(before);
  });
});
