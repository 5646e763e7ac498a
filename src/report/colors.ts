/** Colours of classes, for label maps and legends. */
import type { Rgb } from "../images/web.js";
import { voidLabel } from "../metrics/web.js";

/** The colour of void pixels. */
export const voidColor: Rgb = [236, 232, 216];

/** A name beside its colour. */
export type LegendEntry = {
  /** Of the class. */
  readonly name: string;
  /** In which it is drawn. */
  readonly color: Rgb;
};

/**
 * Classes that occur in the label maps, in their order, and void last where it occurs.
 *
 * @param labels - class ids of some maps
 * @param classes - all of them
 * @param classes.names - label k is the k-th
 * @param classes.colors - one a class
 */
export function legendOf(
  labels: readonly ArrayLike<number>[],
  { names, colors }: { readonly names: readonly string[]; readonly colors: readonly Rgb[] },
): LegendEntry[] {
  const present = new Set(labels.flatMap((map) => [...new Set(Array.from(map))]));
  const entries = names.flatMap((name, k) =>
    present.has(k) ? [{ name, color: colors[k] ?? voidColor }] : [],
  );
  return present.has(voidLabel) ? [...entries, { name: "void", color: voidColor }] : entries;
}

/** `#rrggbb` */
export function hexOf([red, green, blue]: Rgb): string {
  return `#${[red, green, blue].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}
