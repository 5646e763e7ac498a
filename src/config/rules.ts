/** Rules between options that their own schemas cannot state. */
import { OptionError } from "../errors.js";
import type { Config } from "./schema.js";

/** @throws OptionError if two options contradict each other, or one lacks another that it needs */
export function checkRules(config: Config): void {
  if (config.root === null && config.dataset !== "digits") {
    throw new OptionError(
      `--root: expected the folder of data set ${config.dataset}, received none; ` +
        "add --root DIR, or try --dataset digits, which needs no folder",
    );
  }
  if (config.kernelSize % 2 === 0) {
    throw new OptionError(
      `--kernel-size: expected an odd side, so that padding keeps the size, received ${config.kernelSize}; ` +
        `try ${config.kernelSize + 1}`,
    );
  }
  if (!/^(cpu|cuda(:\d+)?)$/.test(config.device)) {
    throw new OptionError(`--device: expected cpu, cuda or cuda:N, received ${config.device}; try cpu`);
  }
  if (config.encoding === "sequence" && config.model === "snn" && config.dataset !== "ddd17") {
    throw new OptionError(
      `--encoding: expected poisson or direct for the still images of ${config.dataset}, received sequence; ` +
        "use --dataset ddd17 for sequences",
    );
  }
  if (config.milestones.some((share, i) => i > 0 && share <= config.milestones[i - 1]!)) {
    throw new OptionError(
      `--milestones: expected ascending shares, received ${config.milestones.join(",")}; sort them`,
    );
  }
}
