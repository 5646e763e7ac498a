/** Colours of a trained network's classes. */
import type { Config } from "../../config/index.js";
import { classColors, specOfOptions } from "../../datasets/index.js";
import type { Rgb } from "../../images/index.js";

/** Those of the data set that the network was trained on where it can be found, else ones that stay apart. */
export function classPalette(config: Config, classes: number): Promise<readonly Rgb[]> {
  return classColors(specOfOptions(config, 0), classes);
}
