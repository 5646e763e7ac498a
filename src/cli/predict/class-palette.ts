/** Colours of a trained network's classes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/index.js";
import { ddd17Colors, distinctColors, dsecColors, readClassFile, vocColor } from "../../datasets/index.js";
import type { Rgb } from "../../images/index.js";

/** Those of the data set that the network was trained on where it can be found, else ones that stay apart. */
export async function classPalette(config: Config, classes: number): Promise<readonly Rgb[]> {
  if (config.dataset === "voc2012") return Array.from({ length: classes }, (_, id) => vocColor(id));
  if (config.dataset === "ddd17") return ddd17Colors;
  if (config.dataset === "dsec") return dsecColors(config.dsecClasses === "19" ? 19 : 11);
  const file = config.classes ?? join(config.root ?? ".", "dataset.json");
  if (config.dataset !== "digits" && existsSync(file)) {
    const { colors } = await readClassFile(file);
    if (colors.length === classes) return colors;
  }
  return distinctColors(classes);
}
