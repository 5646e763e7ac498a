/** Versions and machine of this process, for a run's record. */
import { arch, availableParallelism, cpus, platform } from "node:os";
import type { Config } from "../config/index.js";
import { getThreads, hasCuda, libtorchVersion, setThreads } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { packageVersion } from "./package-version.js";

/**
 * Sets up the engine as a configuration asks.
 *
 * @returns what a run's record says about the machine
 * @throws NativeLoadError if libtorch cannot be loaded, OptionError if the device is not there
 */
export function prepareEngine({
  threads,
  device,
}: Pick<Config, "threads" | "device">): Record<string, string | number> {
  setThreads(threads ?? availableParallelism());
  if (device !== "cpu" && !hasCuda()) {
    throw new OptionError(
      `--device: expected a device that this libtorch can use, received ${device}; try cpu`,
    );
  }
  return {
    snnseg: packageVersion(),
    node: process.version,
    libtorch: libtorchVersion(),
    platform: `${platform()} ${arch()}`,
    cpu: cpus()[0]?.model ?? "unknown",
    threads: getThreads(),
  };
}
