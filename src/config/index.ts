/** The typed options of a run: names, defaults, presets, files, and how they combine. */

// The options

export type { Needs, Option, OptionGroup } from "../options/index.js";
export { flagOf, keyOf } from "./names.js";
export { type Preset, presets } from "./presets.js";
export { type Config, type ConfigKey, configKeys, isConfigKey, optionOf, options } from "./schema.js";

// Which options mean something

export { applicableKeys } from "./applicability.js";
export { holdsEvents } from "./rules.js";

// From given values to a configuration

export { readConfigFile } from "./config-file.js";
export { flagLayer, type Layer, type ResolvedConfig, type Source } from "./option-layers.js";
export { completeConfig, presetLayer, resolveConfig } from "./resolve.js";
