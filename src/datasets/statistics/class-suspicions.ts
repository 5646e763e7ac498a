/** What looks wrong in how often the classes of a split occur. */
import type { SegmentationDataset } from "../core/dataset.js";
import type { Suspicion } from "../core/suspicions.js";
import { hasClassFile } from "../kinds/kinds.js";

/** Void above this share of a split is worth a look. */
const muchVoid = 0.5;

/** How many pixels are of each class, and how many void. */
export interface LabelCounts {
  /** By class id. */
  readonly pixels: ArrayLike<number>;
  /** Pixels that are void. */
  readonly voidPixels: number;
}

/**
 * Classes that never occur, with the id that may be meant, and much void.
 *
 * @param dataset - the split that was counted
 * @param counts - of all examples of the split, or of those that are used
 */
export function classSuspicions(
  { name, split, classes, voidIds }: SegmentationDataset,
  { pixels, voidPixels }: LabelCounts,
): readonly Suspicion[] {
  const labelled = Array.from(pixels).reduce((sum, count) => sum + count, 0);
  const percent = `${((100 * voidPixels) / Math.max(1, labelled + voidPixels)).toFixed(1)} %`;
  const ids = `${voidIds.length === 1 ? "id" : "ids"} ${voidIds.join(", ")}`;
  if (labelled === 0) {
    const message = `every pixel of ${split} is void (${ids}): nothing can be learnt from it or scored on it`;
    return [{ code: "only-void", split, message }];
  }
  const found: Suspicion[] = [];
  const unseen = classes.filter((_, id) => pixels[id] === 0);
  if (unseen.length > 0) {
    const what =
      unseen.length === 1 ? `class ${unseen[0]} never occurs` : `classes ${unseen.join(", ")} never occur`;
    const mapped = hasClassFile(name);
    const hint =
      voidPixels > 0 && mapped
        ? `, while ${percent} of its pixels are void (${ids}); if that is a class, name its id with "ids" in dataset.json`
        : "";
    found.push({ code: "class-unseen", split, message: `${what} in ${split}${hint}` });
  }
  if (voidPixels > muchVoid * (labelled + voidPixels)) {
    found.push({
      code: "void-share",
      split,
      message: `${percent} of the pixels of ${split} are void (${ids})`,
    });
  }
  return found;
}
