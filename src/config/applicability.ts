/**
 * Options that mean something only beside others, such as `timesteps` for spiking networks.
 *
 * One given where it means nothing is a contradiction, unless the option that made it meaningless was given in a
 * stronger place: `--model ann` over a preset with `timesteps` just drops the timesteps.
 */
import { OptionError } from "../errors.js";
import { type ResolvedConfig, sourceRanks } from "./layers.js";
import { flagOf } from "./names.js";
import { type Config, type ConfigKey, configKeys, optionOf } from "./schema.js";

/**
 * The configuration with meaningless options back at their defaults.
 *
 * @throws OptionError if a flag or a file gives an option that means nothing beside the others
 */
export function dropInapplicable({ config, sources }: ResolvedConfig): ResolvedConfig {
  const values: Record<string, unknown> = { ...config };
  const origins = { ...sources };
  for (const key of configKeys) {
    const blocker = blockingOption(key, config);
    if (blocker === undefined || sources[key] === "default") continue;
    const given = sourceRanks[sources[key]];
    if (given >= sourceRanks.file && given >= sourceRanks[sources[blocker]]) {
      const allowed = optionOf(key).only?.[blocker] ?? [];
      throw new OptionError(
        `${flagOf(key)}: expected ${flagOf(blocker)} ${allowed.join(" or ")}, received ${flagOf(blocker)} ` +
          `${String(config[blocker])}; leave ${flagOf(key)} out or change ${flagOf(blocker)}`,
      );
    }
    values[key] = optionOf(key).default;
    origins[key] = "default";
  }
  return { config: values as unknown as Config, sources: origins };
}

/** The options that mean something in this configuration, in the order of help texts. */
export function applicableKeys(config: Config): ConfigKey[] {
  return configKeys.filter((key) => blockingOption(key, config) === undefined);
}

function blockingOption(key: ConfigKey, config: Config): ConfigKey | undefined {
  const only = optionOf(key).only ?? {};
  return (Object.keys(only) as ConfigKey[]).find((other) => !only[other]!.includes(String(config[other])));
}
