/** Scores under growing disturbances, summed up as curves. */
import { bootstrapIoU, type ImageCounts, type Interval, meanIoUOf, sumCounts } from "../metrics/index.js";

/** What was disturbed at one strength, once per seed. */
export interface DisturbedScores {
  /** Of the disturbance, in its kind's unit. */
  readonly strength: number;
  /** Counts of every image, per seed; images in the same order. */
  readonly seeds: readonly (readonly ImageCounts[])[];
}

/** Scores at one strength. */
export interface RobustnessPoint {
  /** Of the disturbance, in its kind's unit. */
  readonly strength: number;
  /** Mean over the seeds. */
  readonly meanIoU: number;
  /** Mean IoU with each seed of the noise. */
  readonly perSeed: readonly number[];
  /** 95 % over images, each with all its seeds. */
  readonly interval: Interval;
  /** 1 − mean IoU / mean IoU of the first point. */
  readonly relativeDrop: number;
}

/** Scores over the strengths of one kind of disturbance. */
export interface RobustnessCurve {
  /** Name of the disturbance. */
  readonly kind: string;
  /** The undisturbed one first. */
  readonly points: readonly RobustnessPoint[];
  /**
   * Area under mean IoU over strength, as a share of the area if it never fell from its first point; `null` where
   * strengths do not grow from the first point on.
   */
  readonly relativeArea: number | null;
}

/** A curve; the first of the strengths is what the others are compared with, usually 0. */
export function robustnessCurve(
  kind: string,
  scores: readonly DisturbedScores[],
  { numClasses, seed }: { readonly numClasses: number; readonly seed: number },
): RobustnessCurve {
  const points = scores.map(({ strength, seeds }) => {
    const perSeed = seeds.map((images) => meanIoUOf(sumCounts(images, numClasses)));
    const pooled = (seeds[0] ?? []).map((_, i) =>
      sumCounts(
        seeds.map((images) => images[i]!),
        numClasses,
      ),
    );
    const meanIoU = perSeed.reduce((a, b) => a + b, 0) / Math.max(1, perSeed.length);
    return { strength, meanIoU, perSeed, interval: bootstrapIoU(pooled, { seed }).meanIoU };
  });
  const clean = points[0]?.meanIoU ?? 0;
  const drop = (meanIoU: number) => (clean > 0 ? 1 - meanIoU / clean : 0);
  return {
    kind,
    points: points.map((point) => ({ ...point, relativeDrop: drop(point.meanIoU) })),
    relativeArea: relativeArea(points),
  };
}

/** Trapezoids. */
function relativeArea(
  points: readonly { readonly strength: number; readonly meanIoU: number }[],
): number | null {
  const [first, last] = [points[0], points.at(-1)];
  const growing = points.every(({ strength }, i) => i === 0 || strength > points[i - 1]!.strength);
  if (!first || !last || first === last || !growing || first.meanIoU === 0) return null;
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    area += ((b.strength - a.strength) * (a.meanIoU + b.meanIoU)) / 2;
  }
  return area / ((last.strength - first.strength) * first.meanIoU);
}
