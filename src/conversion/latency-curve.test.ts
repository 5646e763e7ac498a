import { beforeAll, describe, expect, it } from "vitest";
import { argmax, keep, noGrad, rand, scope, sub, type Tensor, toDType } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { ConfusionMatrix, scoresOf } from "../metrics/index.js";
import { type AnnConfig, createModel, directFrames, modelDefaults } from "../models/index.js";
import { poissonLoss } from "../neurons/index.js";
import { readState } from "../nn/index.js";
import { conversionWarnings } from "./conversion-warnings.js";
import { type Conversion, convertAnn } from "./convert-ann.js";
import type { AnnNetwork } from "./fold-batch-norm.js";
import { doublingTimesteps, latencyCurve, withTimesteps } from "./latency-curve.js";
import { type LayerReport, layerReport } from "./layer-report.js";

const config: AnnConfig = {
  ...modelDefaults,
  kind: "ann",
  arch: "dl-vgg9",
  inputChannels: 2,
  numClasses: 3,
  init: "kaiming",
};
const labels = Uint8Array.from({ length: 2 * 64 }, (_, i) => (i % 5 === 4 ? 255 : i % 3));

let images: Tensor;
let ann: AnnNetwork;
let conversion: Conversion;

beforeAll(() => {
  images = keep(scope("images", () => sub(rand([2, 2, 8, 8], 5), 0.4)));
  using model = createModel(config, { seed: 4 });
  for (let pass = 0; pass < 20; pass++) scope("see", () => noGrad(() => void model.forward(images)));
  ann = { config, state: readState(model) };
  const batch = { images, frames: directFrames(images) };
  conversion = convertAnn(ann, [batch], { method: "percentile", type: "layer", timesteps: 24 });
  return () => {
    images.dispose();
    conversion.model.dispose();
  };
});

describe("latencyCurve", () => {
  it("scores after each timestep as a run of just so many timesteps would", async () => {
    const { model } = conversion;
    const batch = { frames: directFrames(images), size: [8, 8] as const, labels, examples: 2 };
    const points = await latencyCurve(model, [batch], { points: [1, 16, 24] });
    for (const { timesteps, scores, spikesPerExample } of points) {
      using short = withTimesteps(model, timesteps);
      short.setTraining(false);
      const { prediction, spikes } = scope("short run", () =>
        noGrad(() => {
          const { logits, activity } = short.forward(images);
          const fired = activity.flatMap((layer) => [...layer.spikes]).reduce((a, b) => a + b, 0);
          return { prediction: toDType(argmax(logits, 1), "uint8").toArray() as Uint8Array, spikes: fired };
        }),
      );
      const matrix = new ConfusionMatrix(3);
      matrix.add(labels, prediction);
      expect(scores).toEqual(scoresOf(matrix));
      expect(spikesPerExample).toBe(spikes / 2);
    }
  });

  it("refuses timesteps that the network does not reach", async () => {
    await expect(latencyCurve(conversion.model, [], { points: [16, 32] })).rejects.toThrow(OptionError);
  });

  it("doubles up to the bound", () => {
    expect(doublingTimesteps(20)).toEqual([1, 2, 4, 8, 16, 20]);
    expect(doublingTimesteps(1)).toEqual([1]);
  });
});

describe("layerReport", () => {
  it("tells distribution, threshold, clipped share and rates of every layer", () => {
    const batch = { images, frames: directFrames(images) };
    const report = layerReport(conversion, [batch]);
    expect(report.map(({ name }) => name)).toEqual([...conversion.model.spikingLayers().keys()]);
    const [first] = report;
    const threshold = conversion.model.spikingLayers().get("features.0")!.threshold.item();
    expect(first!.threshold.max).toBe(threshold);
    // The 99.9th percentile clips the thousandth part.
    expect(first!.clipped).toBeGreaterThan(0.0005);
    expect(first!.clipped).toBeLessThan(0.0015);
    expect(first!.activation.median).toBeLessThan(first!.activation.p99);
    expect(first!.activation.p999).toBeCloseTo(threshold, 5);
    // Constant input: the first layer fires as often as its activations ask for, but for the last part of a spike.
    expect(Math.abs(first!.spikeRate - first!.expectedRate)).toBeLessThan(1 / 24);
  });
});

describe("conversionWarnings", () => {
  const layer: LayerReport = {
    name: "features.2",
    activation: { mean: 0.1, median: 0, p99: 1, p999: 2, max: 3, active: 0.4 },
    threshold: { min: 2, mean: 2, max: 2 },
    clipped: 0.001,
    expectedRate: 0.05,
    spikeRate: 0.05,
    channels: 64,
    deadChannels: 0,
  };
  const facts = {
    layers: [layer],
    found: new Map(),
    examples: 64,
    encoding: "direct" as const,
    poissonLoss: poissonLoss(Float32Array.of(0.5)),
  };

  it("says nothing where nothing is wrong", () => {
    expect(conversionWarnings({ ...facts, ann })).toEqual([]);
  });

  it("names the layer and the remedy", () => {
    const found = new Map([["features.1", { shape: [2, 1, 2], data: Float32Array.of(0, 1, 0, 2) }]]);
    const warnings = conversionWarnings({
      ann: { ...ann, config: { ...config, leakySlope: 0.1 } },
      layers: [{ ...layer, spikeRate: 0.001, deadChannels: 30 }],
      found,
      examples: 2,
      encoding: "poisson",
      poissonLoss: poissonLoss(Float32Array.of(0.5, -2.5, 1, 0)),
    });
    for (const part of [
      "saw 2 images",
      "features.1: 2 of 4 neurons",
      "features.2: 30 of 64 channels",
      "features.2: fires 0.0010",
      "inputs reach 2.50, but Poisson coding cuts off at 1, which 25 % of the values exceed",
      "leaky ReLU",
    ]) {
      expect(warnings.join("\n")).toContain(part);
    }
  });

  it.each<[Partial<LayerReport>, RegExp]>([
    [{ expectedRate: 16, spikeRate: 0.9 }, /ask for 16; its thresholds are too low .*, raise --scale/],
    [{ expectedRate: 0.9, spikeRate: 0.1, clipped: 0.4 }, /too low .*, raise --scale/],
    [{ expectedRate: 0.05, spikeRate: 0.001 }, /raise --timesteps or lower --scale/],
  ])("advises for %j", (change, message) => {
    const warnings = conversionWarnings({ ...facts, ann, layers: [{ ...layer, ...change }] });
    expect(warnings.join("\n")).toMatch(message);
  });

  it("notices batch norm that never saw data", () => {
    using fresh = createModel(config);
    const warnings = conversionWarnings({ ...facts, ann: { config, state: readState(fresh) } });
    expect(warnings.join()).toContain("initial statistics");
  });
});
