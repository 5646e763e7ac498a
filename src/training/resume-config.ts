/** The configuration of a run that goes on: what it began with, and what this command may change about it. */
import {
  type ConfigKey,
  flagOf,
  isConfigKey,
  type Layer,
  type ResolvedConfig,
  resolveConfig,
} from "../config/index.js";
import { OptionError } from "../errors.js";
import { type RunFolder, readRunRecord, runLayer } from "./run-folder.js";
import { machineKeys } from "./training-state.js";

/**
 * The run's own options, and over them those given now that only concern the machine.
 *
 * @param given - flags and file of this command; what says the same as the run is welcome
 * @throws OptionError if an option given now would change what is computed
 */
export async function resumedConfig(
  folder: RunFolder,
  given: readonly Layer[],
): Promise<ResolvedConfig & { readonly preset: string | undefined }> {
  const record = await readRunRecord(folder);
  const threads = { threads: record.environment.threads ?? null };
  const own = runLayer(folder, {
    ...record,
    options: { ...record.options, ...threads } as typeof record.options,
  });
  const began = resolveConfig([own]);
  const changes: Record<string, unknown> = {};
  for (const layer of given) {
    for (const [key, value] of Object.entries(layer.values)) {
      if (isConfigKey(key) && machineKeys.includes(key)) changes[key] = value;
    }
  }
  const asked = resolveConfig([own, ...given]);
  for (const key of Object.keys(asked.config) as ConfigKey[]) {
    if (machineKeys.includes(key) || JSON.stringify(asked.config[key]) === JSON.stringify(began.config[key]))
      continue;
    throw new OptionError(
      `${flagOf(key)}: expected ${JSON.stringify(began.config[key])}, as run ${folder.path} began, ` +
        `received ${JSON.stringify(asked.config[key])}; leave it out, or start a new run from its weights with --init-from ` +
        folder.path,
    );
  }
  const resolved = resolveConfig([own, { source: "flag", where: "", values: changes }]);
  return { ...resolved, preset: record.preset ?? undefined };
}
