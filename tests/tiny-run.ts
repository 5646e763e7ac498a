/** Runs of a moment on the built-in digits, for tests that look at what their options did. */
import { type ConfigKey, configKeys, flagLayer, optionOf, resolveConfig } from "../src/config/index.js";
import { initialLayer, RunFolder, type StartedRun, startRun } from "../src/training/index.js";

export type Values = Readonly<Record<string, unknown>>;

export const tinyDigits = {
  ...{ dataset: "digits", imgSize: 8, digitsTrain: 2, digitsVal: 1, batchSize: 2, epochs: 1 },
  ...{ workers: 0, threads: 1 },
} as const;

/** A run of these options that has begun in `path`, with its record; closed after `use`. */
export async function inRun<T>(
  path: string,
  values: Values,
  use: (run: StartedRun) => Promise<T> | T,
): Promise<T> {
  const { initFrom } = values;
  const layers = typeof initFrom === "string" ? [await initialLayer(initFrom)] : [];
  const resolved = resolveConfig([...layers, flagLayer(values)]);
  const run = await startRun(resolved, { folder: new RunFolder(path), preset: undefined, environment: {} });
  await using experiment = run.experiment;
  return await use({ ...run, experiment });
}

/** The options of a network, and all others: each is in one of two tables of tests. */
export const [networkKeys, runKeys] = [true, false].map((ofNetwork) =>
  configKeys.filter((key) => ["Network", "Spiking"].includes(optionOf(key).group) === ofNetwork),
) as [ConfigKey[], ConfigKey[]];
