/** The parts of networks that conversion needs: biases, initial membranes, a decoder without spikes. */
import { describe, expect, it } from "vitest";
import { call, noGrad, scope, type Tensor, zeros } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { loadState, readState } from "../nn/index.js";
import { createModel } from "./create-model.js";
import { modelDefaults, type SnnConfig } from "./plan/index.js";
import { SnnModel, SpikingState } from "./snn/index.js";

const common = { ...modelDefaults, inputChannels: 2, numClasses: 3, batchNorm: false, timesteps: 4 };
const deeplab: SnnConfig = { ...common, kind: "snn", arch: "dl-vgg9", leak: 1 };

function snn(config: SnnConfig): SnnModel {
  const model = createModel(config);
  if (!(model instanceof SnnModel)) throw new TypeError("expected a spiking network");
  model.setTraining(false);
  return model;
}

const numbers = (x: Tensor) => [...x.toFloat32Array()];

describe("networks that conversion makes", () => {
  it("add their biases at every timestep", () => {
    using model = snn({ ...deeplab, convBias: true });
    const values = readState(model);
    const bias = values.get("features.0.bias")!;
    values.set("features.0.bias", { ...bias, data: new Float32Array(64).fill(0.3) });
    loadState(model, values);
    const fired: number[] = [];
    noGrad(() =>
      scope("test", () => {
        const { activity } = model.forward(zeros([4, 1, 2, 8, 8]));
        fired.push(...activity[0]!.spikes);
      }),
    );
    expect(fired).toEqual([0, 0, 0, 64 * 64]); // 0.3, 0.6, 0.9, then 1.2 above 1
  });

  it("start from a share of the threshold, per channel too", () => {
    using model = snn({ ...deeplab, initialMembrane: 0.5 });
    const first = model.spikingLayers().get("features.0")!;
    first.setThreshold(call("aten::linspace", [1, 64, 64]));
    using state = new SpikingState();
    noGrad(() => scope("test", () => model.advance(zeros([1, 1, 2, 8, 8]), state)));
    expect(numbers(state.membrane("features.0")!).slice(0, 64)).toEqual(Array<number>(64).fill(0.5));
    expect(state.membrane("features.0")!.shape).toEqual([1, 64, 8, 8]);
    expect(numbers(state.membrane("features.0")!).at(-1)).toBe(32);
  });

  it("decode the sums of spikes with FCN's linear decoder", () => {
    using model = snn({ ...common, kind: "snn", arch: "fcn-vgg9", integratingDecoder: true });
    expect([...model.spikingLayers().keys()].some((name) => name.startsWith("upsample"))).toBe(false);
    const scores = readState(model);
    const bias = scores.get("skips_features.2.bias")!;
    scores.set("skips_features.2.bias", { ...bias, data: Float32Array.of(1, -2, 3) });
    loadState(model, scores);
    noGrad(() =>
      scope("test", () => {
        // Without input only the shallowest skip's bias reaches the output, once per timestep.
        const silent = numbers(model.forward(zeros([4, 1, 2, 16, 16])).logits);
        expect([silent[0], silent[256], silent[512]]).toEqual([4, -8, 12]);
      }),
    );
  });

  it("cannot leave folded batch norm out of full propagation's extra steps", () => {
    expect(() => createModel({ ...deeplab, convBias: true, fullPropagation: true })).toThrow(OptionError);
  });
});
