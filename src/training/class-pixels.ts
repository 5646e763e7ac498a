/** Pixels per class of a data set's labels, without augmentation. */
import type { SegmentationDataset } from "../datasets/index.js";
import { countClassPixels } from "../metrics/index.js";

/** Examples read side by side. */
const atOnce = 8;

/**
 * Reads the labels of the first `limit` examples (default all). What is read on the way stays in the data set's cache.
 */
export async function classPixels(
  dataset: SegmentationDataset,
  {
    limit = dataset.length,
    onExamples,
  }: { limit?: number; onExamples?: (done: number, total: number) => void } = {},
): Promise<number[]> {
  const counts = new Float64Array(dataset.classes.length);
  const length = Math.min(limit, dataset.length);
  for (let first = 0; first < length; first += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, length - first) }, (_, i) => first + i);
    for (const { label } of await Promise.all(indices.map((i) => dataset.view(i))))
      countClassPixels(label, counts);
    onExamples?.(first + indices.length, length);
  }
  return [...counts];
}
