/** How often the classes occur in a data set's labels, without augmentation. */
import type { SegmentationDataset } from "../datasets/index.js";
import { batchPart, type RankGroup } from "../distributed/index.js";
import { DataFormatError } from "../errors.js";
import { countClassPixels, voidLabel } from "../metrics/index.js";

/** Examples read side by side. */
const atOnce = 8;

/** Counts over the labels of a split, one element a class. */
export interface ClassCounts {
  /** Labelled pixels of the class. */
  readonly pixels: readonly number[];
  /** All pixels, void ones too, of the images in which the class occurs. */
  readonly imagePixels: readonly number[];
}

/**
 * Counts in the labels of the first `limit` examples (default all). What is read on the way stays in the data set's
 * cache.
 *
 * @param dataset - at the network's size, without augmentation
 * @param options - `limit`; `onExamples`: told how many examples are counted, and of how many; `ranks`: others that count too, of which
 *   each one counts a part
 */
export async function classCounts(
  dataset: SegmentationDataset,
  {
    limit = dataset.length,
    onExamples,
    ranks,
  }: {
    limit?: number;
    onExamples?: (done: number, total: number) => void;
    ranks?: RankGroup | undefined;
  } = {},
): Promise<
  ClassCounts & {
    /** Pixels that are of no class. */
    readonly voidPixels: number;
  }
> {
  const pixels = new Float64Array(dataset.classes.length);
  const imagePixels = new Float64Array(dataset.classes.length);
  let all = 0;
  const length = Math.min(limit, dataset.length);
  const [begin, end] = ranks === undefined ? [0, length] : batchPart(length, ranks);
  for (let first = begin; first < end; first += atOnce) {
    const indices = Array.from({ length: Math.min(atOnce, end - first) }, (_, i) => first + i);
    for (const { label } of await Promise.all(indices.map((i) => dataset.view(i)))) {
      const counts = new Float64Array(pixels.length);
      countClassPixels(label, counts);
      for (const [k, count] of counts.entries()) {
        pixels[k]! += count;
        if (count > 0) imagePixels[k]! += label.length;
      }
      all += label.length;
    }
    onExamples?.(first - begin + indices.length, end - begin);
  }
  if (ranks !== undefined) {
    const sums = ranks.sum([...pixels, ...imagePixels, all]);
    pixels.set(sums.slice(0, pixels.length));
    imagePixels.set(sums.slice(pixels.length, -1));
    all = sums.at(-1)!;
  }
  const labelled = pixels.reduce((sum, count) => sum + count, 0);
  return { pixels: [...pixels], imagePixels: [...imagePixels], voidPixels: all - labelled };
}

/**
 * Checks that there is something to score: reads labels up to the first pixel that is not void.
 *
 * @param limit - the examples that are used (default all)
 * @throws DataFormatError if all are void
 */
export async function checkLabelled(
  dataset: SegmentationDataset,
  { limit = dataset.length }: { limit?: number } = {},
): Promise<void> {
  for (let i = 0; i < Math.min(limit, dataset.length); i++) {
    if ((await dataset.view(i)).label.some((label) => label !== voidLabel)) return;
  }
  throw onlyVoid(dataset);
}

/** The error of a split of void alone. */
export function onlyVoid({ split, classes, voidIds }: SegmentationDataset): DataFormatError {
  const ids = voidIds.length > 0 ? ` (${voidIds.length === 1 ? "id" : "ids"} ${voidIds.join(", ")})` : "";
  return new DataFormatError(
    `split ${split}: expected pixels of its ${classes.length} classes, received void only${ids}; check the masks and what dataset.json says of their ids`,
  );
}
