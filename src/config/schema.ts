/** The configuration of a run: every option under one name for flags, files, presets and code. */
import { dataOptions } from "../datasets/index.js";
import type { Option, ValuesOf } from "../options/index.js";
import { networkOptions } from "./network-options.js";
import { runOptions, trainingOptions } from "./training-options.js";

/** All options in the order of help texts. */
export const options = { ...networkOptions, ...dataOptions, ...trainingOptions, ...runOptions };

/** An option's name. */
export type ConfigKey = keyof typeof options;

/** Every option's value. */
export type Config = ValuesOf<typeof options>;

/** The options' names in the order of help texts. */
export const configKeys = Object.keys(options) as ConfigKey[];

/** The option of that name, without its value's type. */
export function optionOf(key: ConfigKey): Option<unknown> {
  return options[key] as Option<unknown>;
}

/** Whether `name` is an option. */
export function isConfigKey(name: string): name is ConfigKey {
  return Object.hasOwn(options, name);
}
