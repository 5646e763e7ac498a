import { describe, expect, it } from "vitest";
import { foldedScores } from "../../tests/folded-twin.js";
import { add, copyInto, full, mul, noGrad, rand, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  createModel,
  type ModelSettings,
  type NamedArchitecture,
  type SegmentationModel,
  type SnnModel,
} from "../models/index.js";
import { lif } from "../neurons/index.js";
import { foldNetwork } from "./fold-network.js";

const sizes = { inputChannels: 3, numClasses: 4 } as const;
const conv = (channels: number, dilation = 1) => ({ kind: "conv", channels, dilation }) as const;
/** Few layers, so that a spike at its threshold that falls on the other side changes little. */
const arch: NamedArchitecture = {
  ...{ name: "shallow", decoder: "output", classifier: [conv(32, 3)] },
  features: [conv(16), { kind: "pool", stride: 2 }, conv(16), { kind: "pool", stride: 1 }],
};
const snn = { kind: "snn", arch, timesteps: 3, threshold: 0.5, ...sizes } as const;
const integers = { ...snn, timesteps: 1, neuron: "integer", levels: 4, norm: "affine" } as const;
const networks: Readonly<Record<string, ModelSettings>> = {
  "batch norm through time": snn,
  "hard reset": { ...snn, reset: "hard", leak: 0.5 },
  "no batch norm, biases": { ...snn, batchNorm: false, convBias: true, threshold: 0.2 },
  "a norm that timesteps share": { ...snn, norm: "tdbn" },
  "a factor per timestep": { ...snn, norm: "tebn" },
  "learnt leaks": { ...snn, neuron: "plif", leak: 0.7 },
  "two thresholds": { ...snn, imbalance: 2, batchNorm: false, threshold: 0.2 },
  "steps after the input": { ...snn, fullPropagation: true, threshold: 0.5 },
  "charged membranes": { ...snn, initialMembrane: 0.5 },
  "a threshold per channel": { ...snn, thresholdShapes: { "features.1": [16] } },
  "a threshold per neuron": { ...snn, thresholdShapes: { "features.1": [16, 6, 8] } },
  "skips that fire": { ...snn, arch: "fcn-vgg9" },
  "skips that integrate": { ...snn, arch: "fcn-vgg9", integratingDecoder: true },
  integers,
  "integers that weigh 1": { ...integers, neuron: "i-lif", timesteps: 2 },
  "integers of a share": { ...integers, neuron: "ni-lif", arch: "unet" },
  "depthwise blocks": { ...integers, arch: "dwnet" },
  "ReLUs before they spike": { ...integers, spiking: false },
  "an ANN": { kind: "ann", arch: "dl-vgg9", ...sizes },
  "an FCN": { kind: "ann", arch: "fcn-vgg9", leakySlope: 0.1, ...sizes },
  "quantised ReLUs": { kind: "ann", arch: "unet", activationLevels: 4, norm: "affine", ...sizes },
};

/** Statistics as after some training: running means and variances that differ by channel and timestep. */
function settle(model: SegmentationModel): void {
  noGrad(() => {
    model.setTraining(true);
    for (let n = 0; n < 3; n++)
      scope("batch", () => void model.forward(add(mul(rand([2, 3, 12, 16], n), 2), -0.5)));
    model.setTraining(false);
  });
}

describe("foldNetwork", () => {
  it.each(Object.entries(networks))("has all that the scores need: %s", (_, settings) => {
    using model = createModel(settings, { seed: 5 });
    settle(model);
    const network = foldNetwork(model);
    scope("compare", () =>
      noGrad(() => {
        const image = rand([1, 3, 12, 16], 9);
        const expected = model.forward(image).logits.toFloat32Array();
        const received = foldedScores(network, image).toFloat32Array();
        // The spread shows that there is something to compare.
        expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(1e-3);
        const largest = Math.max(...expected.map(Math.abs));
        const apart = received.filter((value, i) => Math.abs(value - expected[i]!) > 1e-4 * largest).length;
        // A spike at its threshold may fall on either side, as sums are rounded in another order.
        expect(apart / received.length).toBeLessThan(0.02);
      }),
    );
  });

  it("stays as it is when the network changes", () => {
    using model = createModel(snn, { seed: 5 });
    const { convolutions } = foldNetwork(model);
    const before = convolutions.get("features.0")!.weight[0];
    noGrad(() =>
      (model as SnnModel)
        .spikingLayers()
        .get("features.0")!
        .setThreshold(full([1], 0.5)),
    );
    model.dispose();
    expect(convolutions.get("features.0")!.weight[0]).toBe(before);
  });

  it("refuses neurons of one's own, and values that are not finite", () => {
    using own = createModel({ ...snn, neuron: { name: "mine", charge: lif.charge, fire: (x) => x } });
    expect(() => foldNetwork(own)).toThrow(
      new OptionError(
        "export: expected neurons that --neuron names, received mine, whose functions no file can hold; run it with this library",
      ),
    );
    using diverged = createModel(snn);
    scope("diverge", () => {
      const mean = diverged.state().get("bn_features.0.running_mean")!;
      copyInto(mean, full(mean.shape, Number.NaN));
    });
    expect(() => foldNetwork(diverged)).toThrow("expected finite values in bn_features.0.running_mean");
  });
});
