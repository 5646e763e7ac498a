/**
 * From layers of given options to one configuration: flags beat the config file, which beats the preset, which
 * beats the defaults. Every value remembers where it came from.
 */
import { resolve as absolutePath } from "node:path";
import { shown, suggestion } from "../checks/index.js";
import { OptionError } from "../errors.js";
import { dropInapplicable } from "./applicability.js";
import { flagOf } from "./names.js";
import { type Layer, type ResolvedConfig, type Source, sourceRanks } from "./option-layers.js";
import { presets } from "./presets.js";
import { checkRules } from "./rules.js";
import { type Config, type ConfigKey, configKeys, isConfigKey, optionOf } from "./schema.js";

/**
 * Merges layers, in any order, over the defaults.
 *
 * @throws OptionError for unknown names (with the nearest known one), values out of range, and contradictions
 */
export function resolveConfig(layers: readonly Layer[]): ResolvedConfig {
  const config = Object.fromEntries(configKeys.map((key) => [key, optionOf(key).default]));
  const sources = Object.fromEntries(configKeys.map((key) => [key, "default"])) as Record<ConfigKey, Source>;
  for (const layer of layers.toSorted((a, b) => sourceRanks[a.source] - sourceRanks[b.source])) {
    for (const [name, raw] of Object.entries(layer.values)) {
      if (!isConfigKey(name)) {
        throw new OptionError(`${layer.where}unknown option ${name}; ${suggestion(name, configKeys)}`);
      }
      config[name] = parseOption(name, raw, layer);
      sources[name] = layer.source;
    }
  }
  const resolved = { config: config as unknown as Config, sources };
  const applicable = dropInapplicable(resolved);
  checkRules(applicable.config);
  return applicable;
}

/**
 * All options, of which some are given, such as those that a checkpoint holds; the others have their defaults.
 *
 * @throws OptionError as {@link resolveConfig}
 */
export function completeConfig(values: Readonly<Partial<Config>>): Config {
  if (configKeys.every((key) => values[key] !== undefined)) return values as Config;
  return resolveConfig([{ source: "run", where: "", values }]).config;
}

/**
 * The layer of a preset.
 *
 * @throws OptionError if there is none of that name
 */
export function presetLayer(name: string): Layer {
  const preset = Object.hasOwn(presets, name) ? presets[name] : undefined;
  if (preset === undefined) {
    throw new OptionError(
      `--preset: expected a preset, received ${name}; ${suggestion(name, Object.keys(presets))}`,
    );
  }
  return { source: "preset", where: `preset ${name}: `, values: preset.values };
}

function parseOption(key: ConfigKey, raw: unknown, layer: Layer): unknown {
  const option = optionOf(key);
  const parsed = option.schema.safeParse(raw);
  if (!parsed.success) {
    const hint =
      option.choices !== undefined && typeof raw === "string"
        ? suggestion(raw, option.choices)
        : `see ${flagOf(key)} in --help`;
    const received = typeof raw === "string" ? raw : shown(raw);
    const name = layer.source === "flag" ? flagOf(key) : key;
    throw new OptionError(
      `${layer.where}${name}: expected ${option.expected}, received ${received}; ${hint}`,
    );
  }
  return option.isPath && typeof parsed.data === "string" ? absolutePath(parsed.data) : parsed.data;
}
