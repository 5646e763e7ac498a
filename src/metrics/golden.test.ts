import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedGolden } from "../../tests/shared-data.js";
import { ConfusionMatrix } from "./confusion-matrix.js";
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
});

/** Reads one uint8 entry without the package's own reader, so that this test stands alone. */
function readUint8(path: string, key: string): Uint8Array {
  const file = readFileSync(path);
  const headerLength = Number(file.readBigUInt64LE(0));
  const header = JSON.parse(file.subarray(8, 8 + headerLength).toString("utf8"));
  const [from, to] = header[key].data_offsets;
  return new Uint8Array(file.subarray(8 + headerLength + from, 8 + headerLength + to));
}
