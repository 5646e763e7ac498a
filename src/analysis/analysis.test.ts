import { describe, expect, it } from "vitest";
import type { Batch } from "../datasets/index.js";
import { crossEntropy, liveTensors, noGrad, scope } from "../engine/index.js";
import type { ImageCounts } from "../metrics/index.js";
import {
  createModel,
  type ModelConfig,
  modelDefaults,
  type SegmentationModel,
  type SnnModel,
} from "../models/index.js";
import { Adam } from "../nn/index.js";
import { encodeInput, labelTensor, trainStep } from "../training/index.js";
import { Anytime } from "./anytime.js";
import { attackBatch } from "./attack.js";
import { confidences } from "./confidences.js";
import { ImageScores } from "./image-scores.js";
import { robustnessCurve } from "./robustness.js";

const batch: Batch = {
  images: Float32Array.from({ length: 2 * 3 * 64 }, (_, i) => 0.45 * Math.sin(0.7 * i)),
  shape: [2, 3, 8, 8],
  labels: Uint8Array.from({ length: 128 }, (_, i) => (i < 4 ? 255 : (i >> 2) % 2)),
  labelShape: [2, 8, 8],
  ids: ["a", "b"],
};
const common = { ...modelDefaults, arch: "dl-vgg9", inputChannels: 3, numClasses: 2, timesteps: 3 } as const;
const snn: ModelConfig = { ...common, kind: "snn", threshold: 0.3 };
const ann: ModelConfig = { ...common, kind: "ann" };
const inputOf = ({ kind }: ModelConfig, encoding: "direct" | "poisson") =>
  ({ model: kind, encoding, timesteps: 3, device: "cpu" }) as const;
const ranges = Array.from({ length: 3 }, () => ({ low: -0.4, high: 0.6 }));

describe("attackBatch", () => {
  const seedOf = (n: number) => n;
  const lossOf = (model: SegmentationModel, images: Batch, input: ReturnType<typeof inputOf>) => {
    // The mean over draws of Poisson spikes: a single one decides little.
    const draws = input.encoding === "poisson" ? 16 : 1;
    const losses = Array.from({ length: draws }, (_, draw) =>
      noGrad(() =>
        scope("loss", () => {
          const { logits } = model.forward(encodeInput(images, input, (n) => seedOf(n) + 100 * draw));
          return crossEntropy(logits, labelTensor(images, "cpu"), 255).item();
        }),
      ),
    );
    return losses.reduce((sum, loss) => sum + loss, 0) / draws;
  };

  // Poisson spikes tell a single attack little: larger steps, and the mean over several networks.
  it.each([
    { name: "an ann", config: ann, encoding: "direct", epsilon: 16, networks: 1 },
    { name: "an snn with direct coding", config: snn, encoding: "direct", epsilon: 16, networks: 1 },
    { name: "snns with Poisson coding", config: snn, encoding: "poisson", epsilon: 128, networks: 6 },
  ] as const)("raises the loss of $name within the box and the range of colours", (example) => {
    const { config, encoding, epsilon, networks } = example;
    const before = liveTensors();
    const rises = { fgsm: 0, pgd: 0 };
    for (let seed = 2; seed < 2 + networks; seed++) {
      using model = createModel(config, { seed });
      const input = inputOf(config, encoding);
      {
        // A network that learnt nothing has nothing to lose.
        using optimizer = new Adam(model.parameters(), { lr: 3e-3, weightDecay: 0 });
        const encode = () => encodeInput(batch, input, seedOf);
        for (let i = 0; i < 15; i++) trainStep(batch, { model, optimizer, encode, device: "cpu" });
      }
      model.setTraining(false);
      const options = { epsilon, ranges, input, seedOf } as const;
      // Images beyond black or white are put at the range's end.
      const clipped = { ...batch, images: batch.images.map((v) => Math.min(0.6, Math.max(-0.4, v))) };
      const clean = lossOf(model, clipped, input);
      for (const kind of ["fgsm", "pgd"] as const) {
        const attacked = attackBatch(model, batch, { ...options, kind });
        rises[kind] += Math.log(lossOf(model, attacked, input) / clean);
        const moved = attacked.images.map((value, i) => Math.abs(value - clipped.images[i]!));
        expect(Math.max(...moved)).toBeLessThan(epsilon / 255 + 1e-6);
        expect(Math.max(...moved)).toBeGreaterThan(epsilon / 2 / 255);
        expect(Math.max(...attacked.images)).toBeLessThanOrEqual(Math.fround(0.6));
        expect(Math.min(...attacked.images)).toBeGreaterThanOrEqual(Math.fround(-0.4));
      }
      expect(attackBatch(model, batch, { ...options, kind: "pgd", epsilon: 0 })).toBe(batch);
      expect([...model.parameters().values()].some((parameter) => parameter.grad !== undefined)).toBe(false);
    }
    // A surrogate's slope need not hold over one large step, an ANN's nearly does.
    if (config.kind === "ann") expect(rises.fgsm).toBeGreaterThan(0);
    expect(rises.pgd).toBeGreaterThan(0);
    expect(liveTensors()).toBe(before);
  });
});

describe("Anytime", () => {
  it("ends where the whole sequence ends, for both codings", () => {
    using model = createModel(snn, { seed: 2 }) as SnnModel;
    for (const encoding of ["direct", "poisson"] as const) {
      const images = new ImageScores(2);
      const anytime = new Anytime(model);
      scope("test", () =>
        noGrad(() => {
          model.setTraining(true);
          const input = encodeInput(batch, inputOf(snn, encoding), (n) => n);
          for (let i = 0; i < 10; i++) model.forward(input);
          model.setTraining(false);
          const { logits } = model.forward(input);
          const scores = logits.toFloat32Array();
          const predictions = Uint8Array.from({ length: 128 }, (_, i) => {
            const at = (i >> 6) * 128 + (i & 63);
            return scores[at + 64]! > scores[at]! ? 1 : 0;
          });
          images.add(batch, predictions, confidences(logits));
          anytime.add(batch, input);
        }),
      );
      const { meanIoU, exits } = anytime.curve();
      const quality = images.quality(0);
      expect(meanIoU).toHaveLength(3);
      const total = images.counts.reduce((sum, counts) => sum + counts.hits[0]! + counts.hits[1]!, 0);
      expect(total).toBeGreaterThan(0);
      expect(quality.images.map(({ id }) => id)).toEqual(["a", "b"]);
      expect(exits.at(-1)).toMatchObject({ confidence: 0.99, meanTimesteps: 3, meanIoU: meanIoU[2] });
      // Two classes: every pixel is at least 50 % sure at once.
      expect(exits[0]).toMatchObject({ confidence: 0.5, meanTimesteps: 1, meanIoU: meanIoU[0] });
      const { low, high } = quality.intervals.meanIoU;
      expect(meanIoU[2]).toBeGreaterThanOrEqual(low - 1e-9);
      expect(meanIoU[2]).toBeLessThanOrEqual(high + 1e-9);
    }
  });
});

describe("robustnessCurve", () => {
  const image = (hits: number): ImageCounts => ({
    hits: Float64Array.of(hits),
    truth: Float64Array.of(10),
    predicted: Float64Array.of(10),
  });
  const options = { numClasses: 1, seed: 0 };

  it("averages seeds, and measures the area under the curve", () => {
    const curve = robustnessCurve(
      "gaussian",
      [
        { strength: 0, seeds: [[image(10), image(10)]] },
        {
          strength: 1,
          seeds: [
            [image(10), image(10)],
            [image(5), image(5)],
          ],
        },
        { strength: 4, seeds: [[image(0), image(0)]] },
      ],
      options,
    );
    const half = (1 + 1 / 3) / 2;
    expect(curve.points.map((point) => point.meanIoU)).toEqual([1, expect.closeTo(half, 12), 0]);
    expect(curve.points[1]!.perSeed).toEqual([1, expect.closeTo(1 / 3, 12)]);
    expect(curve.points[1]!.relativeDrop).toBeCloseTo(1 - half, 12);
    expect(curve.points[1]!.interval.low).toBeCloseTo(15 / 25, 12);
    expect(curve.relativeArea).toBeCloseTo(((1 + half) / 2 + (3 * half) / 2) / 4, 12);
  });

  it("has no area where strengths do not grow", () => {
    const at = (strength: number) => ({ strength, seeds: [[image(5)]] });
    expect(robustnessCurve("threshold", [at(1), at(0.5), at(2)], options).relativeArea).toBeNull();
    expect(robustnessCurve("gaussian", [at(0)], options).relativeArea).toBeNull();
  });
});
