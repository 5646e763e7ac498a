/** Options as given in one place, and a configuration that remembers its places. */
import type { Config, ConfigKey } from "./schema.js";

/** Where a value came from, weakest first. */
export const sourceRanks = { default: 0, preset: 1, file: 2, run: 2, flag: 3 } as const;
export type Source = keyof typeof sourceRanks;

/** Options given in one place. `where` begins its error messages. */
export type Layer = {
  readonly source: Source;
  readonly where: string;
  readonly values: Readonly<Record<string, unknown>>;
};

/** A configuration and where each of its values came from. */
export type ResolvedConfig = {
  readonly config: Config;
  readonly sources: Readonly<Record<ConfigKey, Source>>;
};

/** The layer of flags, by the options' names in code. */
export function flagLayer(values: Readonly<Record<string, unknown>>): Layer {
  return { source: "flag", where: "", values };
}
