// The options

export { applicableKeys } from "./applicability.js";
// From given values to a configuration
export { readConfigFile } from "./config-file.js";
export { flagLayer, type Layer, type ResolvedConfig, type Source } from "./layers.js";
export { flagOf, keyOf } from "./names.js";
export { nearestName, suggestion } from "./nearest-name.js";
export type { Option, OptionGroup } from "./option.js";
export { type Preset, presets } from "./presets.js";
export { presetLayer, resolveConfig } from "./resolve.js";
