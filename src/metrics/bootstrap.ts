/**
 * Confidence intervals by resampling images: as many as there are, drawn with replacement, scored together, many times;
 * the interval holds the middle 95 % of the scores (Efron & Tibshirani 1993, chapter 13).
 *
 * It says how much the scores depend on which images happened to be in the split, not how much training varies.
 */
import { ShapeError } from "../errors.js";
import { uniform } from "../random/index.js";
import { addCounts, classIoU, emptyCounts, type ImageCounts, meanIoUOf } from "./per-image-counts.js";

/** A 95 % interval. */
export interface Interval {
  /** The 2.5 % quantile of the resampled scores. */
  readonly low: number;
  /** Their 97.5 % quantile. */
  readonly high: number;
}

/** What {@link bootstrapIoU} finds. */
export interface IoUIntervals {
  /** Of the mean IoU; 0 to 0 without images. */
  readonly meanIoU: Interval;
  /** `null` for classes that no resample had. */
  readonly perClassIoU: readonly (Interval | null)[];
}

/**
 * The intervals of mean IoU and IoU per class; the same for the same seed.
 *
 * @param images - the counts of every image of a split, all of as many classes
 * @param options - number and seed of the draws
 * @param options.resamples - how often as many images are drawn (default 1000)
 * @param options.seed - of the draws (default 0)
 * @example
 * import { bootstrapIoU, countImage } from "snnseg/metrics";
 *
 * const truth = Uint8Array.of(0, 0, 1, 1);
 * const images = [
 *   countImage(truth, Uint8Array.of(0, 0, 1, 1), 2),
 *   countImage(truth, Uint8Array.of(0, 1, 1, 1), 2),
 * ];
 * console.log(bootstrapIoU(images, { seed: 1 }).meanIoU); // { low: 0.583…, high: 1 }
 */
export function bootstrapIoU(
  images: readonly ImageCounts[],
  { resamples = 1000, seed = 0 }: Resampling = {},
): IoUIntervals {
  const numClasses = images[0]?.hits.length ?? 0;
  const means: number[] = [];
  const classes: number[][] = Array.from({ length: numClasses }, () => []);
  for (const draw of draws(images.length, { resamples, seed })) {
    const total = totalOf(images, draw);
    means.push(meanIoUOf(total));
    for (const [k, iou] of classIoU(total).entries()) if (iou !== null) classes[k]!.push(iou);
  }
  return { meanIoU: interval(means) ?? { low: 0, high: 0 }, perClassIoU: classes.map(interval) };
}

/** How images are drawn. */
export interface Resampling {
  /** How often as many images are drawn (default 1000). */
  readonly resamples?: number;
  /** Of the draws (default 0). */
  readonly seed?: number;
}

/** What {@link bootstrapMean} finds. */
export interface MeanIoU {
  /** Over all images. */
  readonly meanIoU: number;
  /** Of this mean. */
  readonly interval: Interval;
}

/** What {@link bootstrapDifference} finds. */
export interface IoUDifference {
  /** Ours less theirs over all images. */
  readonly meanIoU: number;
  /** Of this difference; where it holds 0, the images do not tell which network is better. */
  readonly interval: Interval;
}

/**
 * The difference of two networks' mean IoU on the same images, and its interval: both are scored on every draw, so that what makes an
 * image hard for both cancels out.
 *
 * @param ours - the counts of every image, of as many classes as theirs
 * @param theirs - of the same images in the same order
 * @param options - as for {@link bootstrapIoU}
 * @throws ShapeError if there are not as many images of both
 * @example
 * import { bootstrapDifference, countImage } from "snnseg/metrics";
 *
 * const truth = Uint8Array.of(0, 0, 1, 1);
 * const good = countImage(truth, truth, 2);
 * const bad = countImage(truth, Uint8Array.of(0, 1, 1, 1), 2);
 * console.log(bootstrapDifference([good, good, bad], [good, bad, bad]).interval); // { low: 0, high: 0.417 }
 */
export function bootstrapDifference(
  ours: readonly ImageCounts[],
  theirs: readonly ImageCounts[],
  options: Resampling = {},
): IoUDifference {
  return bootstrapMeanDifference([ours], [theirs], options);
}

/**
 * The mean over networks of their mean IoU on the same images, such as over the seeds of one training, and its interval over images:
 * every network is scored on every draw.
 *
 * @param networks - of each network the counts of every image, in the same order, of as many classes
 * @param options - as for {@link bootstrapIoU}
 * @returns 0 with an interval of 0 to 0 without networks or images
 * @throws ShapeError if there are not as many images of all
 * @example
 * import { bootstrapMean, countImage } from "snnseg/metrics";
 *
 * const truth = Uint8Array.of(0, 0, 1, 1);
 * const good = countImage(truth, truth, 2);
 * const bad = countImage(truth, Uint8Array.of(0, 1, 1, 1), 2);
 * console.log(bootstrapMean([[good, good], [good, bad]])); // { meanIoU: 0.882…, interval: { low: 0.792…, high: 1 } }
 */
export function bootstrapMean(
  networks: readonly (readonly ImageCounts[])[],
  options: Resampling = {},
): MeanIoU {
  return overDraws("bootstrapMean", networks, (chosen) => meanOver(networks, chosen), options);
}

/**
 * The difference of two such means, as {@link bootstrapDifference} tells it of two networks: what makes an image hard for all cancels out.
 * It holds what these trained networks differ in; how much other seeds would change it, {@link studentInterval} tells of the differences
 * seed by seed.
 *
 * @param ours - of each network the counts of every image, of as many classes as theirs
 * @param theirs - of the same images in the same order; there may be more or fewer networks
 * @param options - as for {@link bootstrapIoU}
 * @throws ShapeError if there are not as many images of all
 */
export function bootstrapMeanDifference(
  ours: readonly (readonly ImageCounts[])[],
  theirs: readonly (readonly ImageCounts[])[],
  options: Resampling = {},
): IoUDifference {
  const between = (chosen: readonly number[]) => meanOver(ours, chosen) - meanOver(theirs, chosen);
  return overDraws("bootstrapMeanDifference", [...ours, ...theirs], between, options);
}

/** A score of all images, and its interval over draws of them. */
function overDraws(
  caller: string,
  networks: readonly (readonly ImageCounts[])[],
  score: (chosen: readonly number[]) => number,
  { resamples = 1000, seed = 0 }: Resampling,
): MeanIoU {
  const images = networks[0] ?? [];
  const other = networks.find(({ length }) => length !== images.length);
  if (other !== undefined) {
    throw new ShapeError(
      `${caller}: expected the same images of all networks, received ${images.length} and ${other.length}`,
    );
  }
  if (images.length === 0) return { meanIoU: 0, interval: { low: 0, high: 0 } };
  const scores = [...draws(images.length, { resamples, seed })].map(score);
  const meanIoU = score([...images.keys()]);
  return { meanIoU, interval: interval(scores) ?? { low: meanIoU, high: meanIoU } };
}

function meanOver(networks: readonly (readonly ImageCounts[])[], chosen: readonly number[]): number {
  return networks.reduce((sum, images) => sum + meanIoUOf(totalOf(images, chosen)), 0) / networks.length;
}

/** Which of `count` images are drawn, time after time; nothing where there is none. */
function* draws(count: number, { resamples, seed }: Required<Resampling>): Generator<readonly number[]> {
  for (let r = 0; r < resamples && count > 0; r++) {
    yield Array.from({ length: count }, (_, i) => Math.floor(uniform(seed, r * count + i) * count));
  }
}

function totalOf(images: readonly ImageCounts[], draw: Iterable<number>): ImageCounts {
  const total = emptyCounts(images[0]!.hits.length);
  for (const i of draw) addCounts(total, images[i]!);
  return total;
}

function interval(scores: readonly number[]): Interval | null {
  if (scores.length === 0) return null;
  const sorted = [...scores].sort((a, b) => a - b);
  return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Linear between the two nearest of the sorted values. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below]!;
  return low + (at - below) * ((sorted[below + 1] ?? low) - low);
}
