import { describe, expect, it } from "vitest";
import { DataFormatError } from "../errors.js";
import { bootstrapDifference, bootstrapIoU, bootstrapMean, bootstrapMeanDifference } from "./bootstrap.js";
import { BoundaryIoU, bandWidth } from "./boundary-iou.js";
import { Calibration } from "./confidence-calibration.js";
import { ConfusionMatrix } from "./confusion-matrix.js";
import { classIoU, countImage, type ImageCounts, meanIoUOf, sumCounts } from "./per-image-counts.js";
import { scoresOf } from "./scores.js";
import { standardDeviation, studentInterval } from "./student-interval.js";

const pattern = (seed: number, classes: number) =>
  Uint8Array.from({ length: 40 }, (_, i) => (i * seed + (i >> 2)) % classes);

describe("image counts", () => {
  it("add up to the scores of a confusion matrix", () => {
    const pairs = [2, 3, 5].map((seed) => {
      const truth = pattern(seed, 3).map((label, i) => (i % 9 === 0 ? 255 : label));
      return [truth, pattern(seed + 1, 4)] as const;
    });
    const matrix = new ConfusionMatrix(4);
    for (const [truth, prediction] of pairs) matrix.add(truth, prediction);
    const total = sumCounts(
      pairs.map(([truth, prediction]) => countImage(truth, prediction, 4)),
      4,
    );
    const scores = scoresOf(matrix);
    expect(meanIoUOf(total)).toBeCloseTo(scores.meanIoU, 12);
    expect(classIoU(total)).toEqual(scores.perClassIoU);
    expect(() => countImage(Uint8Array.of(4), Uint8Array.of(0), 4)).toThrow(DataFormatError);
  });
});

const image = (right: number, wrong: number): ImageCounts => ({
  hits: Float64Array.of(right),
  truth: Float64Array.of(right + wrong),
  predicted: Float64Array.of(right + wrong),
});

describe("bootstrapDifference", () => {
  it("sees a small difference on the same images that two intervals apart would hide", () => {
    const share = (i: number) => (i * 7) % 10;
    const theirs = Array.from({ length: 60 }, (_, i) => image(share(i), 10 - share(i)));
    const ours = theirs.map((_, i) => image(share(i) + 0.25, 9.75 - share(i)));
    const { meanIoU, interval } = bootstrapDifference(ours, theirs, { seed: 2 });
    expect(meanIoU).toBeCloseTo(meanIoUOf(sumCounts(ours, 1)) - meanIoUOf(sumCounts(theirs, 1)), 12);
    expect(interval.low).toBeGreaterThan(0);
    expect(interval.low).toBeLessThan(meanIoU);
    expect(interval.high).toBeGreaterThan(meanIoU);
    expect(bootstrapIoU(ours).meanIoU.low).toBeLessThan(bootstrapIoU(theirs).meanIoU.high);
    expect(bootstrapDifference(theirs, ours, { seed: 2 }).meanIoU).toBe(-meanIoU);
    expect(bootstrapDifference(ours, ours).interval).toEqual({ low: 0, high: 0 });
  });

  it("answers no images, and refuses different ones", () => {
    expect(bootstrapDifference([], [])).toEqual({ meanIoU: 0, interval: { low: 0, high: 0 } });
    expect(() => bootstrapDifference([image(1, 1)], [])).toThrow(/same images of all/);
  });
});

describe("means over networks", () => {
  const network = (shift: number) =>
    Array.from({ length: 40 }, (_, i) => image(((i * 3) % 8) + shift, 2 - shift));

  it("are those of single networks, image by image", () => {
    const [one, two] = [network(0), network(1)];
    const alone = [one, two].map((images) => bootstrapMean([images], { seed: 3 }));
    const scores = [one, two].map((images) => meanIoUOf(sumCounts(images, 1)));
    expect(alone.map(({ meanIoU }) => meanIoU)).toEqual(scores);
    expect(alone[0]!.interval).toEqual(bootstrapIoU(one, { seed: 3 }).meanIoU);
    const both = bootstrapMean([one, two], { seed: 3 });
    expect(both.meanIoU).toBeCloseTo((scores[0]! + scores[1]!) / 2, 12);
    expect(bootstrapMean([one, one], { seed: 3 })).toEqual(alone[0]);
  });

  it("differ as those of single networks do, from groups of another size too", () => {
    const [one, two] = [network(0), network(1)];
    expect(bootstrapMeanDifference([two], [one], { seed: 5 })).toEqual(
      bootstrapDifference(two, one, { seed: 5 }),
    );
    const { meanIoU, interval } = bootstrapMeanDifference([one, two], [one], { seed: 5 });
    const whole = bootstrapDifference(two, one, { seed: 5 });
    expect(meanIoU).toBeCloseTo(whole.meanIoU / 2, 12);
    expect(interval.low).toBeCloseTo(whole.interval.low / 2, 12);
    expect(interval.high).toBeCloseTo(whole.interval.high / 2, 12);
    expect(() => bootstrapMean([one, two.slice(1)])).toThrow("received 40 and 39");
    expect(bootstrapMean([])).toEqual({ meanIoU: 0, interval: { low: 0, high: 0 } });
  });
});

describe("studentInterval", () => {
  // Quantiles of printed tables (97.5 %).
  it.each([
    [2, 12.7062],
    [3, 4.3027],
    [4, 3.1824],
    [5, 2.7764],
    [6, 2.5706],
    [11, 2.2281],
    [31, 2.0423],
    [121, 1.9799],
  ])("has the table's quantile for %i values", (count, quantile) => {
    const values = Array.from({ length: count }, (_, i) => (i * 7) % count);
    const { low, high } = studentInterval(values)!;
    const mean = (count - 1) / 2;
    expect((low + high) / 2).toBeCloseTo(mean, 9);
    // 0 … n − 1 have the variance n(n + 1)/12.
    const deviation = Math.sqrt((count * (count + 1)) / 12);
    expect(standardDeviation(values)).toBeCloseTo(deviation, 9);
    expect(((high - mean) * Math.sqrt(count)) / deviation).toBeCloseTo(quantile, 3);
  });

  it("says nothing of a single value", () => {
    expect(studentInterval([1])).toBeNull();
    expect(standardDeviation([1])).toBe(0);
    expect(studentInterval([2, 2, 2])).toEqual({ low: 2, high: 2 });
  });
});

describe("bootstrapIoU", () => {
  it("has no width where all images are alike, and holds the score where they differ", () => {
    const alike = bootstrapIoU([image(6, 2), image(6, 2)]);
    expect(alike.meanIoU).toEqual({ low: 0.6, high: 0.6 });
    const images = Array.from({ length: 50 }, (_, i) => image(i % 2 === 0 ? 10 : 0, i % 2 === 0 ? 0 : 10));
    const { meanIoU, perClassIoU } = bootstrapIoU(images);
    expect(meanIoU).toEqual(perClassIoU[0]);
    const score = meanIoUOf(sumCounts(images, 1));
    expect(meanIoU.low).toBeLessThan(score);
    expect(meanIoU.high).toBeGreaterThan(score);
    // Right pixels are binomial: 25 ± 1.96·sqrt(50/4) of 50 images, and IoU = r/(2 − r) of their share r.
    const iou = (r: number) => r / (2 - r);
    expect(meanIoU.low).toBeCloseTo(iou(0.5 - (1.96 * Math.sqrt(12.5)) / 50), 1);
    expect(meanIoU.high).toBeCloseTo(iou(0.5 + (1.96 * Math.sqrt(12.5)) / 50), 1);
  });

  it("repeats itself for a seed, and leaves out classes that never occur", () => {
    const images = Array.from({ length: 20 }, (_, i) => (i * i) % 11).map((n) => ({
      hits: Float64Array.of(n, 0),
      truth: Float64Array.of(10, 0),
      predicted: Float64Array.of(10, 0),
    }));
    expect(bootstrapIoU(images, { seed: 3 })).toEqual(bootstrapIoU(images, { seed: 3 }));
    expect(bootstrapIoU(images, { seed: 3 })).not.toEqual(bootstrapIoU(images, { seed: 4 }));
    expect(bootstrapIoU(images).perClassIoU[1]).toBeNull();
    expect(bootstrapIoU([])).toEqual({ meanIoU: { low: 0, high: 0 }, perClassIoU: [] });
  });
});

describe("BoundaryIoU", () => {
  const size = [12, 12] as const;
  const square = (from: number, to: number) =>
    Uint8Array.from({ length: 144 }, (_, i) => {
      const [y, x] = [Math.floor(i / 12), i % 12];
      return y >= from && y < to && x >= from && x < to ? 1 : 0;
    });

  it("compares rings of the band's width", () => {
    expect(bandWidth(size)).toBe(1);
    const boundary = new BoundaryIoU(2);
    boundary.add(square(3, 9), square(3, 9), size);
    expect([boundary.mean, ...boundary.perClass]).toEqual([1, 1, 1]);
    const shifted = new BoundaryIoU(2);
    shifted.add(square(3, 9), square(4, 8), size);
    // Rings of a 6x6 and of the 4x4 inside it: 20 and 12 pixels, none in common.
    expect(shifted.perClass[1]).toBe(0);
    const plain = countImage(square(3, 9), square(4, 8), 2);
    expect(classIoU(plain)[1]).toBe(16 / 36);
  });

  it("shares the edges of void pixels", () => {
    const truth = square(3, 9).map((label, i) => (Math.floor(i / 12) === 5 ? 255 : label));
    const boundary = new BoundaryIoU(2);
    boundary.add(truth, square(3, 9), size);
    expect(boundary.mean).toBe(1);
  });
});

describe("Calibration", () => {
  it("averages the gap between confidence and accuracy over bins, weighted by pixels", () => {
    const calibration = new Calibration({ bins: 2 });
    calibration.add(
      Uint8Array.of(0, 0, 1, 1, 255),
      Uint8Array.of(0, 1, 1, 1, 0),
      Float32Array.of(0.25, 0.25, 0.75, 1, 0.9),
    );
    expect(calibration.bins()).toEqual([
      { share: 0.5, meanConfidence: 0.25, accuracy: 0.5 },
      { share: 0.5, meanConfidence: 0.875, accuracy: 1 },
    ]);
    expect(calibration.error).toBeCloseTo(0.5 * 0.25 + 0.5 * 0.125, 12);
    expect(new Calibration().error).toBe(0);
  });
});
