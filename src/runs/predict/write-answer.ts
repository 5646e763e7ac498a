/** What predict leaves on the disk of one answer. */
import { writeFileAtomic } from "../../files/index.js";
import { encodePaletteMaskPng, encodePicturePng, type LabelMap, type RgbImage } from "../../images/index.js";
import { overlayImage } from "../../report/index.js";
import type { Predictor } from "./predictor.js";

/** The answer after a timestep. */
export interface StepAnswer {
  /** From 1. */
  readonly step: number;
  /** Path of its mask, a PNG with the classes' palette. */
  readonly mask: string;
  /** Share of the pixels that have their final class. */
  readonly agreement: number;
}

/** What was written and found. */
export interface Answer {
  /** Path of the mask, a PNG with the classes' palette. */
  readonly mask: string;
  /** Path of the picture with its classes laid over it, where it was asked for. */
  readonly overlay: string | undefined;
  /** Share of the pixels by class, of those that occur. */
  readonly shares: Readonly<Record<string, number>>;
  /** The answers after each timestep, where they were asked for. */
  readonly steps?: readonly StepAnswer[];
}

/** Paths of the files of an answer. @param name - path of the mask without `.png` */
export function answerPaths(name: string): {
  readonly mask: string;
  readonly overlay: string;
  /** @param step - from 1 */
  readonly stepMask: (step: number) => string;
} {
  const stepMask = (step: number) => `${name}.step-${String(step).padStart(3, "0")}.png`;
  return { mask: `${name}.png`, overlay: `${name}.overlay.png`, stepMask };
}

/**
 * Writes a mask, an overlay where its picture is given, and the masks of `steps` where there are any.
 *
 * @param name - path of the mask without `.png`
 */
export async function writeAnswer(
  { classes, colors }: Predictor,
  labels: LabelMap,
  {
    name,
    image,
    steps,
  }: {
    readonly name: string;
    readonly image?: RgbImage | undefined;
    readonly steps?: readonly LabelMap[] | undefined;
  },
): Promise<Answer> {
  const { mask, stepMask, ...paths } = answerPaths(name);
  const overlay = image && paths.overlay;
  await writeFileAtomic(mask, encodePaletteMaskPng(labels, colors));
  if (overlay && image) {
    await writeFileAtomic(overlay, encodePicturePng(overlayImage(image, { labels: labels.data, colors })));
  }
  const answer = { mask, overlay, shares: sharesOf(labels, classes) };
  if (steps === undefined) return answer;
  const written: StepAnswer[] = [];
  for (const [t, early] of steps.entries()) {
    const step = t + 1;
    const path = stepMask(step);
    await writeFileAtomic(path, encodePaletteMaskPng(early, colors));
    written.push({ step, mask: path, agreement: agreement(early, labels) });
  }
  return { ...answer, steps: written };
}

/** Share of the pixels by class, of those that occur. */
export function sharesOf({ data }: LabelMap, classes: readonly string[]): Record<string, number> {
  const counts = new Float64Array(classes.length);
  for (const label of data) counts[label]! += 1;
  const shares = classes.map((name, id) => [name, counts[id]! / data.length] as const);
  return Object.fromEntries(shares.filter(([, share]) => share > 0));
}

function agreement(early: LabelMap, final: LabelMap): number {
  return early.data.reduce((same, label, i) => same + Number(label === final.data[i]), 0) / final.data.length;
}
