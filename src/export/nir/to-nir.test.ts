import { describe, expect, it } from "vitest";
import { copyInto, mul, noGrad, rand, scope, type Tensor, tensorFrom } from "../../engine/index.js";
import { OptionError, ShapeError } from "../../errors.js";
import {
  createModel,
  type ModelSettings,
  type NamedArchitecture,
  resizedTo,
  type SegmentationModel,
  type SnnModel,
} from "../../models/index.js";
import { foldNetwork } from "../fold-network.js";
import { type NirTensor, nirObstacles, readNir, runNir, toNir, writeNir } from "./index.js";

const sizes = { inputChannels: 3, numClasses: 4 } as const;
const conv = (channels: number, dilation = 1) => ({ kind: "conv", channels, dilation }) as const;
const pool = (stride: number) => ({ kind: "pool", stride }) as const;
const arch: NamedArchitecture = {
  ...{ name: "shallow", decoder: "output", classifier: [conv(8, 3)] },
  features: [
    ...[conv(6), pool(2), { ...conv(6), depthwise: true, fires: false }],
    ...[{ kind: "fire" }, { ...conv(8), stride: 2 }, pool(1)],
  ] as NamedArchitecture["features"],
};
const snn = {
  kind: "snn",
  arch,
  timesteps: 4,
  threshold: 0.503,
  leak: 0.5,
  reset: "hard",
  ...sizes,
} as const;
/** Sums of such weights have no rounding that could move a spike. */
const onGrid = { ...snn, batchNorm: false, convBias: true } as const;
const shape = [1, 3, 12, 16];

/** Weights and biases as multiples of 1/16. */
function toGrid(model: SegmentationModel): void {
  noGrad(() => {
    for (const [name, tensor] of model.state()) {
      if (!/(weight|bias)$/.test(name)) continue;
      const values = tensor.toFloat32Array().map((value, i) => Math.round(32 * value + (i % 3)) / 16);
      scope("to grid", () => copyInto(tensor, tensorFrom(values, tensor.shape)));
    }
  });
}

/** Statistics as after some training. */
function settle(model: SegmentationModel): void {
  noGrad(() => {
    model.setTraining(true);
    for (let n = 0; n < 3; n++) scope("batch", () => void model.forward(mul(rand([2, 3, 12, 16], n), 2)));
    model.setTraining(false);
  });
}

/** What the network fires, by layer, and its scores; and the same of its graph, written to a file and read again. */
async function bothRuns(model: SnnModel) {
  const image = Float32Array.from({ length: 3 * 12 * 16 }, (_, i) => ((i * 7) % 9) / 8);
  const network = foldNetwork(model);
  const fired = new Map<string, number[]>();
  const scores = scope("forward", () =>
    noGrad(() => {
      const keepSpikes = (layer: string, { spikes }: { readonly spikes: Tensor }) =>
        fired.set(layer, [...(fired.get(layer) ?? []), ...spikes.toFloat32Array()]);
      const observer = {
        fired: (layer: string, result: { readonly spikes: Tensor }) => void keepSpikes(layer, result),
      };
      return model.forward(tensorFrom(image, shape), { observer }).logits.toFloat32Array();
    }),
  );
  const { graph } = toNir(network, { inputSize: [12, 16] });
  const { graph: again } = await readNir(await writeNir(graph));
  const frame: NirTensor = { shape: shape.slice(1), data: image };
  const graphFired = new Map([...fired.keys()].map((layer) => [layer, [] as number[]]));
  let total: NirTensor | undefined;
  for (const values of runNir(
    again,
    Array.from({ length: model.config.timesteps }, () => frame),
  )) {
    for (const [layer, spikes] of graphFired)
      spikes.push(...values.get(`${layer.replaceAll(".", "_")}_neurons`)!.data);
    const now = values.get("output")!;
    total = {
      shape: now.shape,
      data: Float32Array.from(now.data, (value, i) => value + (total?.data[i] ?? 0)),
    };
  }
  const graphScores = scope("resize", () => {
    const mean = mul(
      tensorFrom(Float32Array.from(total!.data), [1, ...total!.shape]),
      1 / model.config.timesteps,
    );
    return resizedTo(mean, [12, 16], network.plan).toFloat32Array();
  });
  return { fired, graphFired, scores, graphScores };
}

describe("toNir and runNir", () => {
  const thresholdShapes = { "features.0": [6], "features.fire3": [6, 6, 8] };
  it.each<[string, ModelSettings]>([
    ["leaky neurons", onGrid],
    ["integrate and fire", { ...onGrid, leak: 1 }],
    ["learnt leaks", { ...onGrid, neuron: "plif" }],
    ["thresholds by channel and by neuron", { ...onGrid, thresholdShapes }],
  ])("fires the network's spikes at every layer and timestep: %s", async (_, settings) => {
    using model = createModel(settings, { seed: 3 }) as SnnModel;
    toGrid(model);
    const { fired, graphFired, scores, graphScores } = await bothRuns(model);
    expect([...fired.keys()]).toEqual(["features.0", "features.fire3", "features.2", "classifier.0"]);
    for (const [layer, spikes] of fired) {
      expect(graphFired.get(layer), layer).toEqual(spikes);
      const rate = spikes.reduce((sum, spike) => sum + spike, 0) / spikes.length;
      // Spikes that never or always come would say nothing.
      expect(rate).toBeGreaterThan(0.02);
      expect(rate).toBeLessThan(0.98);
    }
    for (const [i, score] of scores.entries()) expect(graphScores[i]).toBeCloseTo(score, 4);
  });

  it.each<[string, ModelSettings]>([
    ["affine", { ...snn, norm: "affine", leak: 0.8 }],
    ["tdbn", { ...snn, norm: "tdbn" }],
  ])("folds batch norm that timesteps share into weights and bias: %s", async (_, settings) => {
    using model = createModel(settings, { seed: 3 }) as SnnModel;
    settle(model);
    const { fired, graphFired } = await bothRuns(model);
    for (const [layer, spikes] of fired) {
      const other = graphFired.get(layer)!;
      const apart = spikes.filter((spike, i) => spike !== other[i]).length;
      // A spike at its threshold may fall on either side, as products are rounded in another order.
      expect(apart / spikes.length, layer).toBeLessThan(0.002);
    }
  });

  it("says time, size and what is outside the graph", () => {
    using model = createModel(onGrid, { seed: 3 });
    const { graph, notes } = toNir(foldNetwork(model), { inputSize: [12, 16], dt: 1e-3 });
    expect(graph.metadata).toEqual({ dt: 1e-3, timesteps: 4 });
    expect([...graph.nodes].map(([name, { type }]) => `${name} ${type}`)).toEqual([
      ...["input Input", "features_0 Conv2d", "features_0_neurons LIF", "features_pool1 AvgPool2d"],
      ...["features_1 Conv2d", "features_fire3_neurons LIF", "features_2 Conv2d", "features_2_neurons LIF"],
      ...["features_pool5 AvgPool2d", "classifier_0 Conv2d", "classifier_0_neurons LIF"],
      ...["classifier_1 Conv2d", "output Output"],
    ]);
    const neurons = graph.nodes.get("features_0_neurons");
    expect(neurons).toMatchObject({ tau: { shape: [6, 12, 16] }, r: { shape: [6, 12, 16] } });
    // tau = dt/(1 − λ) and R = 1/(1 − λ), so that dt/tau·R is 1.
    expect(neurons?.type === "LIF" && [neurons.tau.data[0], neurons.r.data[0]]).toEqual([
      Math.fround(2e-3),
      2,
    ]);
    expect(notes.join("\n")).toContain("dt = 0.001 s");
    expect(notes.join("\n")).toContain(
      "[4, 3, 4] at every timestep; their mean over 4 timesteps, resized to 12x16",
    );
  });

  const refusals: Readonly<Record<string, readonly [ModelSettings, string]>> = {
    "batch norm through time": [
      { ...snn },
      "batch norm with factors of its own at every timestep (features.0, features.1 and 2 more)",
    ],
    "soft reset": [{ ...onGrid, reset: "soft" }, "soft reset"],
    integers: [
      { ...onGrid, reset: "soft", neuron: "integer", levels: 4 },
      "spikes that are integers up to 4",
    ],
    "two thresholds": [{ ...onGrid, imbalance: 2 }, "a second, negative threshold"],
    "charged membranes": [{ ...onGrid, initialMembrane: 0.5 }, "membranes that start above 0"],
    "full propagation": [{ ...snn, fullPropagation: true }, "5 steps without input"],
    "a decoder": [
      { ...onGrid, arch: "fcn-vgg9" },
      "a decoder of transposed convolutions (upsample.0.0, upsample.1.0, upsample.2.0)",
    ],
    joins: [{ ...onGrid, arch: "unet" }, "maps that are resized and joined"],
    "an ANN": [{ kind: "ann", arch, ...sizes }, "ReLU"],
  };
  it.each(Object.entries(refusals))("refuses what NIR cannot say: %s", (_, [settings, obstacle]) => {
    using model = createModel(settings);
    const network = foldNetwork(model);
    expect(nirObstacles(network).join("; ")).toContain(obstacle);
    const refused = () => toNir(network, { inputSize: [12, 16] });
    expect(refused).toThrow(OptionError);
    expect(refused).toThrow(
      /^export to NIR: expected what NIR 1.x can say, received .*; train a network such as --arch dl-vgg9 with --reset hard --norm affine$/,
    );
  });

  it("refuses thresholds of another size, and settings that are none", () => {
    using model = createModel({ ...onGrid, thresholdShapes });
    const network = foldNetwork(model);
    expect(() => toNir(network, { inputSize: [16, 16] })).toThrow(ShapeError);
    expect(() => toNir(network, { inputSize: [12, 16], dt: 0 })).toThrow(
      "expected dt to be a finite number above 0",
    );
    expect(() => toNir(network, { inputSize: [12, 1.5] })).toThrow("inputSize");
  });
});
