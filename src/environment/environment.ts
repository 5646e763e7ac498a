/** Versions and machine of this process, for a run's record. */
import { arch, availableParallelism, cpus, platform } from "node:os";
import type { Config } from "../config/index.js";
import {
  checkDevice,
  exchangeOfRanks,
  getThreads,
  hasGloo,
  libtorchVersion,
  parallelBackend,
  setThreads,
} from "../engine/index.js";
import { instructionSet } from "../inference/index.js";
import { packageVersion } from "./package-version.js";

/** What results may depend on besides the options. */
export function versions() {
  return {
    snnseg: packageVersion(),
    node: process.version,
    libtorch: libtorchVersion(),
    parallel: parallelBackend(),
    instructions: instructionSet(),
    exchange: rankExchanges(),
  };
}

/** What several ranks can exchange tensors over: `Gloo`, `Gloo, NCCL`, or `none`. */
function rankExchanges(): string {
  if (!hasGloo()) return "none";
  return [...new Set(["cpu", "cuda"].map(exchangeOfRanks))].join(", ");
}

/** {@link versions} of what computes, for people. */
export function engineWords(): string {
  const { libtorch, parallel, instructions } = versions();
  return `libtorch ${libtorch} (${parallel}), kernels ${instructions}`;
}

/**
 * Sets up the engine as a configuration asks. Processes that share this machine share its cores unless told their threads.
 *
 * @returns what a run's record says about the machine
 * @throws NativeLoadError if libtorch cannot be loaded, OptionError if the device is not there
 */
export function prepareEngine({
  threads,
  device,
  processes = 1,
}: Pick<Config, "threads" | "device"> & { readonly processes?: number }) {
  setThreads(threads ?? Math.max(1, Math.floor(availableParallelism() / processes)));
  checkDevice(device);
  return {
    ...versions(),
    platform: `${platform()} ${arch()}`,
    cpu: cpus()[0]?.model ?? "unknown",
    threads: getThreads(),
  };
}
