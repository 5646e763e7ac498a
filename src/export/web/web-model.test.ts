/** Networks through a page's file: what they compute there is what they compute here with weights rounded so. */
import { setFlagsFromString } from "node:v8";
import { describe, expect, it } from "vitest";
import { foldedScores } from "../../../tests/folded-twin.js";
import { runOnnx } from "../../../tests/onnx-runtime.js";
import { pageGraph } from "../../../tests/page-graph.js";
import { add, mul, noGrad, rand, scope, tensorFrom } from "../../engine/index.js";
import {
  createModel,
  type ModelSettings,
  type NamedArchitecture,
  type SegmentationModel,
} from "../../models/index.js";
import { openWebNetwork, webEngines } from "../../web/index.js";
import { readModel } from "../../web/read-model.js";
import { inputGrid } from "../fixed-point.js";
import { foldNetwork } from "../fold-network.js";
import type { FoldedConv, FoldedNetwork } from "../folded-network.js";
import { lowerNetwork } from "./lower-network.js";
import { type WebModelMeta, writeWebModel } from "./write-web-model.js";

// Node 20 accepts relaxed SIMD only when asked.
setFlagsFromString("--experimental-wasm-relaxed-simd");

const [height, width] = [12, 16] as const;
const meta: WebModelMeta = {
  name: "a test",
  classes: ["a", "b", "c", "d"],
  colors: [0, 1, 2, 3].map((c) => [c, c, c] as const),
  input: {
    ...{ kind: "picture", size: [height, width], fit: "stretch", encoding: "direct" },
    channels: [0, 1, 2].map((source) => ({ source, subtract: 0, divide: 255 })),
  },
};
const sizes = { inputChannels: 3, numClasses: 4 } as const;
const conv = (channels: number, dilation = 1) => ({ kind: "conv", channels, dilation }) as const;
/** Few layers, so that a spike at its threshold that falls on the other side changes little. */
const arch: NamedArchitecture = {
  ...{ name: "shallow", decoder: "output", classifier: [conv(33, 3)] },
  features: [conv(17), { kind: "pool", stride: 2 }, conv(16), { kind: "pool", stride: 1 }],
};
/** Scores of three sizes, added up. */
const skips: NamedArchitecture = {
  ...{ name: "skips", decoder: "skips", classifier: [conv(20), { kind: "skip" }] },
  features: [
    ...([conv(16), { kind: "skip" }, { kind: "pool", stride: 2 }] as const),
    ...([conv(24), { kind: "skip" }, { kind: "pool", stride: 2 }] as const),
  ],
};
const snn = { kind: "snn", arch, timesteps: 3, threshold: 0.5, ...sizes } as const;
const integers = { ...snn, timesteps: 1, neuron: "integer", levels: 4, norm: "affine" } as const;
const networks: Readonly<Record<string, ModelSettings>> = {
  "batch norm through time": snn,
  "the paper's network": { ...snn, arch: "dl-vgg9" },
  "hard reset": { ...snn, reset: "hard", leak: 0.5 },
  "no batch norm, biases": { ...snn, batchNorm: false, convBias: true, threshold: 0.2 },
  "a norm that timesteps share": { ...snn, norm: "tdbn" },
  "a factor per timestep": { ...snn, norm: "tebn" },
  "learnt leaks": { ...snn, neuron: "plif", leak: 0.7 },
  "charged membranes": { ...snn, initialMembrane: 0.5 },
  "a threshold per channel": { ...snn, thresholdShapes: { "features.1": [16] } },
  "a threshold per neuron": { ...snn, thresholdShapes: { "features.1": [16, 6, 8] } },
  "skips that fire": { ...snn, arch: skips },
  "skips that integrate": { ...snn, arch: skips, integratingDecoder: true },
  "a U-Net": { ...snn, arch: "unet", timesteps: 2 },
  integers,
  "integers that weigh 1": { ...integers, neuron: "i-lif", timesteps: 2 },
  "integers of a share": { ...integers, neuron: "ni-lif", arch: "unet" },
  "integers whose windows leave 7 bits": { ...integers, levels: 20 },
  "depthwise blocks": { ...integers, arch: "dwnet" },
  "ReLUs before they spike": { ...integers, spiking: false },
  "an ANN": { kind: "ann", arch, ...sizes },
  "an FCN": { kind: "ann", arch: skips, leakySlope: 0.1, ...sizes },
  "an ANN of depthwise blocks": { kind: "ann", arch: "dwnet", norm: "affine", ...sizes },
  "quantised ReLUs": { kind: "ann", arch: "unet", activationLevels: 4, norm: "affine", ...sizes },
};

/** Statistics as after some training: running means and variances that differ by channel and timestep. */
function settle(model: SegmentationModel): void {
  noGrad(() => {
    model.setTraining(true);
    for (let n = 0; n < 3; n++)
      scope("batch", () => void model.forward(add(mul(rand([2, 3, height, width], n), 2), -0.5)));
    model.setTraining(false);
  });
}

/** Of the pictures of {@link meta}. */
const grid = inputGrid(meta.input.kind === "picture" ? meta.input.channels : undefined, "direct");

/** The same network with the integers of the file for weights. */
function rounded(network: FoldedNetwork): FoldedNetwork {
  const { arrays, inputs, grid: used } = lowerNetwork(network, grid);
  const roundedConv = (name: string, folded: FoldedConv): FoldedConv => {
    const { worth, grid: ofInput } = inputs.get(name)!;
    if (ofInput !== undefined) {
      expect(used).toEqual(ofInput);
      const scale = (arrays.get(`${name}.scale`)!.data as Float32Array).map((value) => value / ofInput.step);
      return { ...folded, weight: arrays.get(`${name}.weight`)!.data as Float32Array, scale };
    }
    if (worth === undefined) return folded;
    const [outputs = 0, perOutput = 0, side = 0] = folded.shape;
    const taps = side ** 2;
    const weight = Float32Array.from(arrays.get(`${name}.weight`)!.data as Int8Array, (q, at) => {
      const input = Math.floor(at / taps) % perOutput;
      return q / worth[worth.length === perOutput ? input : Math.floor(at / taps) % outputs]!;
    });
    return { ...folded, weight, scale: arrays.get(`${name}.scale`)!.data as Float32Array };
  };
  return {
    ...network,
    convolutions: new Map(
      [...network.convolutions].map(([name, folded]) => [name, roundedConv(name, folded)] as const),
    ),
  };
}

/** Whose sums are all of whole numbers. */
const exact = [
  ...[
    "batch norm through time",
    "the paper's network",
    "hard reset",
    "a norm that timesteps share",
    "learnt leaks",
  ],
  ...[
    "charged membranes",
    "a threshold per channel",
    "a threshold per neuron",
    "integers",
    "integers that weigh 1",
  ],
  ...["integers of a share", "depthwise blocks", "quantised ReLUs", "a U-Net"],
];

describe("a network in a page", () => {
  it.each(exact)("gives the bits of ONNX Runtime on its integers: %s", async (name) => {
    using model = createModel(networks[name]!, { seed: 5 });
    settle(model);
    const bytes = writeWebModel(foldNetwork(model), meta);
    const frame = scope("frame", () => rand([1, 3, height, width], 9).toFloat32Array());
    const { sums } = await runOnnx(pageGraph(readModel(bytes)), { image: [frame, [1, 3, height, width]] });
    const web = await openWebNetwork(bytes);
    for (let t = 0; t < web.description.timesteps; t++) web.step(t === 0 ? frame : undefined);
    expect(web.scores()).toEqual(sums!.data.map((sum) => (1 / web.steps) * sum));
    expect(new Set(sums!.data).size).toBeGreaterThan(50);
  });

  it.each(Object.entries(networks))("computes what its folded numbers say: %s", async (_, settings) => {
    using model = createModel(settings, { seed: 5 });
    settle(model);
    const network = foldNetwork(model);
    const bytes = writeWebModel(network, meta);
    const [frame, expected] = scope("twin", () =>
      noGrad(() => {
        const random = rand([1, 3, height, width], 9);
        const onGrid = random.toFloat32Array().map((x) => Math.round(x / grid.step) * grid.step);
        const image = tensorFrom(onGrid, random.shape);
        return [image.toFloat32Array(), foldedScores(rounded(network), image).toFloat32Array()];
      }),
    );
    const received = await Promise.all(
      webEngines().map(async (engine) => {
        const web = await openWebNetwork(bytes, { engine });
        for (let t = 0; t < network.timesteps; t++) web.step(t === 0 ? frame : undefined);
        return web.scores();
      }),
    );
    for (const other of received.slice(1)) expect(other).toEqual(received[0]);
    const largest = Math.max(...expected.map(Math.abs));
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(1e-3 * largest);
    const apart = expected.filter((value, i) => Math.abs(value - received[0]![i]!) > 1e-4 * largest).length;
    // A spike at its threshold may fall on either side, as sums are rounded in another order.
    expect(apart / expected.length).toBeLessThan(0.02);
  });
});
