/**
 * Options that mean something only beside others, such as `timesteps` for spiking networks.
 *
 * One given where it means nothing is a contradiction, unless the option that made it meaningless was given in a
 * stronger place: `--model ann` over a preset with `timesteps` just drops the timesteps. What a run has recorded is no
 * claim: earlier versions listed more than was in force.
 */
import { OptionError } from "../errors.js";
import { flagOf } from "./names.js";
import { type ResolvedConfig, sourceRanks } from "./option-layers.js";
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
    const rank = sourceRanks[sources[key]];
    const isClaim = sources[key] === "file" || sources[key] === "flag";
    if (isClaim && rank >= sourceRanks[sources[blocker]]) {
      const given = config[blocker];
      throw new OptionError(
        `${flagOf(key)}: expected ${needed(key, blocker)}, received ${given === null ? "none" : `${flagOf(blocker)} ${String(given)}`}; ` +
          `leave ${flagOf(key)} out or change ${flagOf(blocker)}`,
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

/** What `key` needs of another option, such as `--model snn` or `no --init-from`. */
function needed(key: ConfigKey, other: ConfigKey): string {
  const allowed = optionOf(key).only.flatMap((needs) => needs[other] ?? []);
  if (allowed.includes("null")) return `no ${flagOf(other)}`;
  return allowed.includes("any") ? flagOf(other) : `${flagOf(other)} ${allowed.join(" or ")}`;
}

/** What keeps `key` from a meaning: the first option that is another than needed, of several needs the latest such. */
function blockingOption(key: ConfigKey, config: Config): ConfigKey | undefined {
  const blockers = optionOf(key).only.map((needs) => {
    const others = Object.keys(needs) as ConfigKey[];
    const place = others.findIndex((other) => !isMet(needs[other]!, config[other]));
    return { place, other: others[place] };
  });
  if (blockers.some(({ other }) => other === undefined)) return undefined;
  return blockers.toSorted((a, b) => b.place - a.place)[0]?.other;
}

function isMet(allowed: readonly string[], value: unknown): boolean {
  const isGiven = value !== null && !(Array.isArray(value) && value.length === 0);
  return allowed.includes(isGiven ? String(value) : "null") || (isGiven && allowed.includes("any"));
}
