/** The typed options of a run: names, defaults, presets, files, and how they combine. */

// The options
export type { Needs, Option, OptionGroup } from "../options/index.js";
// Which options mean something
export { applicableKeys } from "./applicability.js";
// From given values to a configuration
export { readConfigFile } from "./config-file.js";
// Names
export { flagOf, keyOf } from "./names.js";
export { flagLayer, type Layer, type ResolvedConfig, type Source } from "./option-layers.js";
export { type Preset, presets } from "./presets.js";
export { completeConfig, presetLayer, resolveConfig } from "./resolve.js";
export { holdsEvents } from "./rules.js";
export { type Config, type ConfigKey, configKeys, isConfigKey, optionOf, options } from "./schema.js";
