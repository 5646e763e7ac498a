/** The configuration's options as flags of a command, and the configuration that a command line asks for. */
import { type Command, Option } from "commander";
import {
  type ConfigKey,
  configKeys,
  flagLayer,
  flagOf,
  type Layer,
  optionOf,
  presetLayer,
  presets,
  type ResolvedConfig,
  readConfigFile,
  resolveConfig,
} from "../../config/index.js";
import { initialLayer } from "../../training/index.js";

/** Adds a flag for each option; their values are checked later, together with those of files and presets. */
export function addConfigFlags(command: Command, keys: readonly ConfigKey[] = configKeys): Command {
  for (const key of keys) {
    const { group, help, value } = optionOf(key);
    const heading = `${group} options:`;
    const description = `${help}${defaultNote(key)}`;
    if (value !== undefined) {
      command.addOption(new Option(`${flagOf(key)} <${value}>`, description).helpGroup(heading));
      continue;
    }
    const onByDefault = optionOf(key).default === true;
    const negative = flagOf(key).replace("--", "--no-");
    const [shown, hidden] = onByDefault ? [negative, flagOf(key)] : [flagOf(key), negative];
    command.addOption(new Option(shown, onByDefault ? `without ${help}` : description).helpGroup(heading));
    command.addOption(new Option(hidden).hideHelp());
  }
  return command;
}

/** Adds `--preset` and `--config`. */
export function addSourceFlags(command: Command): Command {
  const heading = "Sources of options:";
  return command
    .addOption(new Option("--preset <NAME>", `one of ${Object.keys(presets).join(", ")}`).helpGroup(heading))
    .addOption(new Option("--config <FILE>", "options from a JSON or YAML file").helpGroup(heading));
}

/** The options given as flags. */
export function givenFlags(command: Command, keys: readonly ConfigKey[] = configKeys): Layer {
  const values: Record<string, unknown> = {};
  for (const key of keys) {
    if (command.getOptionValueSource(key) === "cli") values[key] = command.getOptionValue(key);
  }
  return flagLayer(values);
}

/**
 * The configuration of flags over `--config` over the run of `--init-from` over `--preset` (or the file's, or
 * `preset`) over defaults.
 */
export async function configOf(
  command: Command,
  { preset }: { readonly preset?: string } = {},
): Promise<ResolvedConfig & { readonly preset: string | undefined }> {
  const { preset: flagPreset, config: path, ...flags } = command.opts<Record<string, string | undefined>>();
  const file = path === undefined ? undefined : await readConfigFile(path);
  const chosen = flagPreset ?? file?.preset ?? preset;
  const initFrom = flags.initFrom ?? file?.layer.values.initFrom;
  const layers = [
    ...(chosen === undefined ? [] : [presetLayer(chosen)]),
    ...(typeof initFrom === "string" ? [await initialLayer(initFrom)] : []),
    ...(file === undefined ? [] : [file.layer]),
    givenFlags(command),
  ];
  return { ...resolveConfig(layers), preset: chosen };
}

function defaultNote(key: ConfigKey): string {
  const value = optionOf(key).default;
  if (value === null || typeof value === "boolean" || (Array.isArray(value) && value.length === 0)) return "";
  if (key === "imgSize") return ` (default: ${(value as readonly number[]).join("x")})`;
  return ` (default: ${String(value)})`;
}
