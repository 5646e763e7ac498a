import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedGolden } from "../../tests/shared-data.js";
import { ConfusionMatrix } from "./confusion-matrix.js";
import { pixelCounts } from "./pixel-counts.js";
import { scoresOf } from "./scores.js";

const scoreTolerance = 1e-6;

describe("golden scores", () => {
  it.skipIf(!sharedGolden)("equal the reference's (skipped without ../shared/golden)", () => {
    const golden = JSON.parse(readFileSync(join(sharedGolden!, "scores-21.json"), "utf8"));
    const labels = readUint8(join(sharedGolden!, "scores-21.safetensors"), "labels");
    const predictions = readUint8(join(sharedGolden!, "scores-21.safetensors"), "predictions");
    const matrix = new ConfusionMatrix(golden.config.classes);
    matrix.add(labels, predictions);
    expect([...matrix.counts]).toEqual(golden.confusion.data);

    const scores = scoresOf(matrix);
    const difference = (ours: number, theirs: number) => Math.abs(ours - theirs);
    expect(difference(scores.pixelAccuracy, golden.overall_accuracy)).toBeLessThan(scoreTolerance);
    expect(difference(scores.meanAccuracy, golden.mean_accuracy)).toBeLessThan(scoreTolerance);
    expect(difference(scores.frequencyWeightedIoU, golden.frequency_weighted_accuracy)).toBeLessThan(
      scoreTolerance,
    );
    expect(difference(scores.meanIoU, golden.mean_iou)).toBeLessThan(scoreTolerance);
    scores.perClassIoU.forEach((iou, k) => {
      const theirs: number | null = golden.iou_per_class[k];
      if (iou === null || theirs === null) expect(iou).toBe(theirs);
      else expect(difference(iou, theirs)).toBeLessThan(scoreTolerance);
    });
  });

  it.skipIf(!sharedGolden)("count the pixels of a batch as the reference does (skipped without it)", () => {
    const golden = JSON.parse(readFileSync(join(sharedGolden!, "scores-21.json"), "utf8"));
    const file = join(sharedGolden!, "scores-21.safetensors");
    const [labels, predictions] = ["labels", "predictions"].map((key) => readUint8(file, key));
    const pixels = golden.config.size[0] * golden.config.size[1];
    const { batch, data } = golden.pixel_counts;
    const first = golden.config.batches.slice(0, batch).reduce((sum: number, size: number) => sum + size, 0);
    const ours = data.map((_: unknown, n: number) => {
      const of = (map: Uint8Array) => map.subarray((first + n) * pixels, (first + n + 1) * pixels);
      const { predicted, truth } = pixelCounts(of(labels!), of(predictions!), golden.config.classes);
      return [predicted, truth];
    });
    expect(ours).toEqual(data);
  });
});

/** Reads one uint8 entry without the package's own reader, so that this test stands alone. */
function readUint8(path: string, key: string): Uint8Array {
  const file = readFileSync(path);
  const headerLength = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + headerLength).toString("utf8"));
  const [from, to] = header[key].data_offsets;
  return new Uint8Array(file.subarray(8 + headerLength + from, 8 + headerLength + to));
}
