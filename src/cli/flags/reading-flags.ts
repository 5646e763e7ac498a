/** Options about recordings that do not say everything about themselves, of commands that take recordings. */
import { type ConfigKey, flagOf, type Layer, resolveConfig } from "../../config/index.js";
import { readingOf } from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import type { EventFileOptions } from "../../events/index.js";

/** The options. */
export const readingKeys = [
  "timeUnit",
  "columns",
  "sensor",
  "strict",
] as const satisfies readonly ConfigKey[];

/** Those that were given, and all other options. @throws OptionError if one is wrong */
export function splitReading(given: Layer): { readonly reading: EventFileOptions; readonly others: Layer } {
  const isReading = ([key]: [string, unknown]) => (readingKeys as readonly string[]).includes(key);
  const entries = Object.entries(given.values);
  const recordings = { dataset: "events", root: "." };
  const asked = { ...given, values: { ...Object.fromEntries(entries.filter(isReading)), ...recordings } };
  const { config, sources } = resolveConfig([asked]);
  const { strict, ...reading } = readingOf(config);
  return {
    // An option that was not given leaves what a run was trained with.
    reading: { ...reading, ...(sources.strict === "default" ? {} : { strict: strict ?? false }) },
    others: { ...given, values: Object.fromEntries(entries.filter((entry) => !isReading(entry))) },
  };
}

/** @throws OptionError if one of the options was given, where there are pictures */
export function checkNoReading({ values }: Layer): void {
  const given = readingKeys.find((key) => values[key] !== undefined);
  if (given === undefined) return;
  throw new OptionError(
    `${flagOf(given)}: expected a network on event frames, received one on pictures; leave ${flagOf(given)} out`,
  );
}
