/** Switches and facts of the native runtime: threads, gradients, versions, memory, locks. */
import { availableParallelism } from "node:os";
import { checkInteger, LARGEST_INT, mostThreads } from "../checks/index.js";
import { countGpus, usableDevice } from "./device.js";
import { guarded, native } from "./native.js";
import { refusePromise } from "./scope.js";

/**
 * Sets the number of threads one operator may use in the thread that calls it; libtorch itself may start with one. A worker
 * thread begins with what was set last anywhere.
 *
 * @param count - default: the number of processors that this process may use
 * @throws OptionError unless it is an integer from 1 to 512, or to the number of processors where that is more
 */
export function setThreads(count: number = availableParallelism()): void {
  checkInteger("setThreads", "count", count, { most: mostThreads });
  guarded((addon) => addon.setThreads(count));
}

/** The number of threads one operator may use. */
export function getThreads(): number {
  return native().threads();
}

/**
 * Runs `body` without recording for backward. Bodies are synchronous: after an `await` gradients would be on again.
 *
 * @param body - runs at once; what it returns is passed on
 * @throws TypeError if `body` returns a promise
 * @example
 * ```ts
 * import { noGrad, scope } from "snnseg";
 * import { mul, ones } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const weight = ones([2]).setRequiresGrad(true);
 *   console.log(mul(weight, 2).requiresGrad); // true
 *   console.log(noGrad(() => mul(weight, 2)).requiresGrad); // false
 * });
 * ```
 */
export function noGrad<T>(body: () => T): T {
  const before = native().setGradEnabled(false);
  try {
    const result = body();
    refusePromise("noGrad", result);
    return result;
  } finally {
    native().setGradEnabled(before);
  }
}

/** Whether libtorch can use CUDA here: it was built with it, and this machine has a GPU. */
export function hasCuda(): boolean {
  return countGpus() > 0;
}

/** The version of the libtorch the addon was built with, such as `1.13.0`. */
export function libtorchVersion(): string {
  return native().version();
}

/** How libtorch spreads an operator over threads, in its own words: `OpenMP`, `native thread pool` … */
export function parallelBackend(): string {
  return native().parallelBackend();
}

/** Files of the libtorch in this process; none where the system does not tell. */
export function libtorchFiles(): readonly string[] {
  return native().loadedLibtorch();
}

/** Memory of a device's tensors, in bytes. */
export interface TensorMemory {
  /** In use now. */
  readonly liveBytes: number;
  /** Freed, and kept for the next tensors. */
  readonly keptBytes: number;
  /** The most in use at a time since the start or the last `resetMemoryPeak`. */
  readonly peakBytes: number;
}

/** What CPU tensors of this process, and the kernels' work on them, take now, and took at most. */
export function tensorMemory(): TensorMemory;
/**
 * What this process's tensors on a device take now, and took at most.
 *
 * @param device - `cpu`, `cuda` or `cuda:N`
 * @returns of a GPU what libtorch's own allocator counts; `undefined` where it does not tell, as before libtorch 2.9
 * @throws OptionError if the device cannot be used here
 */
export function tensorMemory(device: string): TensorMemory | undefined;
export function tensorMemory(device = "cpu"): TensorMemory | undefined {
  const named = usableDevice(device);
  return guarded((addon) => addon.memory(named));
}

/**
 * Starts a new measurement of {@link TensorMemory.peakBytes}.
 *
 * @param device - whose (default: the CPU's)
 * @throws OptionError if the device cannot be used here
 */
export function resetMemoryPeak(device = "cpu"): void {
  const named = usableDevice(device);
  guarded((addon) => addon.resetMemoryPeak(named));
}

/**
 * Waits until a device has done all that it was given, as a clock that times a GPU must; the CPU never leaves anything to do.
 *
 * @param device - `cpu`, `cuda` or `cuda:N`
 * @throws OptionError if the device cannot be used here
 */
export function synchronize(device: string): void {
  const named = usableDevice(device);
  guarded((addon) => addon.synchronize(named));
}

/**
 * Locks an open file until it is closed or this process ends, however that happens; Node itself cannot.
 *
 * @param descriptor - of a file that is open for writing
 * @returns false if somebody else has it locked; true also where files cannot be locked
 */
export function tryLockFile(descriptor: number): boolean {
  checkInteger("tryLockFile", "descriptor", descriptor, { least: 0, most: LARGEST_INT });
  return native().tryLockFile(descriptor);
}
