/** Integers as they are, and the same as binary spikes in D slots of time: one network, two deployments, the same answers. */
import { describe, expect, it } from "vitest";
import {
  argmax,
  eq,
  gt,
  mean,
  noGrad,
  rand,
  randn,
  scope,
  type Tensor,
  toDType,
} from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { createModel } from "../index.js";

const share = (x: Tensor) => mean(toDType(x, "float32")).item();

describe.each(["dl-vgg9", "fcn-vgg9", "unet", "dwnet"] as const)("%s", (arch) => {
  it.each([
    { neuron: "integer", levels: 4, timesteps: 1 },
    { neuron: "ni-lif", levels: 2, timesteps: 2 },
  ] as const)("gives the same mask in slots: $neuron 0..$levels, T = $timesteps", (neurons) => {
    scope("test", () => {
      using model = createModel({
        ...{ kind: "snn", arch, inputChannels: 3, numClasses: 5, norm: "affine", threshold: 0.4, leak: 0.9 },
        ...neurons,
      });
      const { timesteps, levels } = neurons;
      noGrad(() => {
        for (let step = 0; step < 3; step++) model.forward(rand([2, 3, 20, 28], step));
        model.setTraining(false);
        const image = randn([2, 3, 20, 28], 9);
        const fused = model.forward(image);
        // Looked at, norm and neurons are two operators, which round otherwise.
        const looking = { fired: () => {} };
        const integers = model.forward(image, { observer: looking });
        model.setSlots(true);
        const values = new Set<number>();
        const input = (_: string, x: Tensor) => {
          // Beside the network's input, binary: nothing and one amplitude a layer.
          if (x.shape[0] === timesteps * levels && levels > 1) values.add(share(gt(x, 0)));
        };
        const slots = model.forward(image, { observer: { input } });
        expect(slots.logits.toFloat32Array()).toEqual(fused.logits.toFloat32Array());
        const seen = model.forward(image, { observer: looking });
        expect(seen.logits.toFloat32Array()).toEqual(integers.logits.toFloat32Array());
        expect(share(eq(argmax(fused.logits, 1), argmax(seen.logits, 1)))).toBeGreaterThan(0.999);
        expect(values.size).toBeGreaterThan(3);
        for (const [i, layer] of fused.activity.entries()) {
          const { spikes, name } = slots.activity[i]!;
          expect(spikes.length, name).toBe(timesteps * levels);
          const [sent, whole] = [spikes, layer.spikes].map((counts) => counts.reduce((a, b) => a + b, 0));
          expect(whole, name).toBeGreaterThan(0);
          expect(sent, name).toBe(whole);
        }
      });
    });
  });
});

it("is refused where neurons send no integers", () => {
  using model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 2, timesteps: 2 });
  expect(() => model.setSlots(true)).toThrow(OptionError);
  expect(() => model.setSlots(true)).toThrow("expected neurons that send integers, received LIF");
});
