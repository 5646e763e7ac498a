/** What of a training must be equal on all its ranks. */
import { type Config, configKeys, flagOf, optionOf } from "../../config/index.js";
import { versions } from "../../environment/index.js";
import { computingOf, machineKeys } from "../../training/index.js";

/**
 * Versions, options by their flags, and how the run begins. Paths may differ from machine to machine: what lies there is compared
 * when it is opened, and rank 0's weights are taken.
 */
export function rankIdentity({
  config,
  preset,
  begin,
}: {
  readonly config: Config;
  readonly preset: string | undefined;
  readonly begin: string;
}): Readonly<Record<string, unknown>> {
  const { snnseg, libtorch } = versions();
  const keys = configKeys.filter((key) => !machineKeys.includes(key) && !optionOf(key).isPath);
  return {
    "snnseg version": snnseg,
    "libtorch version": libtorch,
    beginning: begin,
    "--preset": preset,
    ...Object.fromEntries(keys.map((key) => [flagOf(key), config[key]])),
    // `auto` depends on the processor.
    "precision in force": computingOf(config).precision,
  };
}
