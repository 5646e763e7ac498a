/** The classes of DDD17's labels and their colours. */
import type { Rgb } from "../../../images/index.js";

/** The six classes of DDD17's labels. */
export const ddd17Classes: readonly string[] = [
  "flat",
  "sky+construction",
  "object",
  "nature",
  "human",
  "vehicle",
];

/** Colours for {@link ddd17Classes}, near those that street-scene data sets use. */
export const ddd17Colors: readonly Rgb[] = [
  [128, 64, 128],
  [70, 130, 180],
  [220, 220, 0],
  [107, 142, 35],
  [220, 20, 60],
  [0, 0, 142],
];
