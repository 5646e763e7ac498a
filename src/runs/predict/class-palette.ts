/** Colours of a trained network's classes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/index.js";
import {
  ddd17Colors,
  digitsColors,
  distinctColors,
  dsecColors,
  readClassFile,
  vocColor,
} from "../../datasets/index.js";
import type { Rgb } from "../../images/index.js";

/** Those of the data set that the network was trained on where it can be found, else ones that stay apart. */
export async function classPalette(config: Config, classes: number): Promise<readonly Rgb[]> {
  const known = await dataColors(config, classes);
  return known?.length === classes ? known : distinctColors(classes);
}

async function dataColors(config: Config, classes: number): Promise<readonly Rgb[] | undefined> {
  switch (config.dataset) {
    case "voc2012":
      return Array.from({ length: classes }, (_, id) => vocColor(id));
    case "digits":
      return digitsColors;
    case "ddd17":
      return ddd17Colors;
    case "dsec":
      return dsecColors(config.dsecClasses === "19" ? 19 : 11);
    case "folder":
    case "events": {
      const file = config.classes ?? join(config.root ?? ".", "dataset.json");
      return existsSync(file) ? (await readClassFile(file)).colors : undefined;
    }
  }
}
