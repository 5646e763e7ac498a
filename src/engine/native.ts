/**
 * Loads the native addon: the one door to libtorch. Everything above talks to libtorch through this interface.
 *
 * A tensor is a `Handle`, a BigInt made of a slot and a generation, so that a stale or invented handle is an error
 * and never a crash, and a number can never be taken for a tensor.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  DisposedTensorError,
  NativeError,
  NativeLoadError,
  OptionError,
  RankError,
  SnnsegError,
} from "../errors.js";
import { addonFile, addonFolder, setupCommand } from "./addon-path.js";

export type Handle = bigint;

/** What the addon exports. */
export interface Native {
  resolve(name: string, overload: string): number;
  invoke(operator: number, args: readonly unknown[]): unknown;
  operatorNames(namespace: string): string[];
  operatorArguments(name: string, overload: string): { name: string; type: string; written: boolean }[];
  operatorRunsOn(name: string, overload: string, device: string): boolean;
  fromBytes(
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
    dtype: number,
    shape: readonly number[],
  ): Handle;
  toBytes(handle: Handle): ArrayBuffer;
  item(handle: Handle): number;
  shape(handle: Handle): number[];
  dtype(handle: Handle): number;
  device(handle: Handle): string;
  release(handle: Handle): void;
  live(): number;
  setGradEnabled(enabled: boolean): boolean;
  requiresGrad(handle: Handle): boolean;
  setRequiresGrad(handle: Handle, value: boolean): void;
  backward(handle: Handle, gradient?: Handle): void;
  grad(handle: Handle): Handle | undefined;
  clearGrad(handle: Handle): void;
  version(): string;
  setThreads(count: number): void;
  threads(): number;
  parallelBackend(): string;
  hasCudaBuild(): boolean;
  cudaDevices(): number;
  hasGpuKernels(): boolean;
  /** What is wrong with the environment's SNNSEG_ISA; `undefined` if nothing. */
  instructionSetError(): string | undefined;
  /** `undefined` where libtorch does not tell of a device. */
  memory(device: string): { liveBytes: number; keptBytes: number; peakBytes: number } | undefined;
  resetMemoryPeak(device: string): void;
  synchronize(device: string): void;
  loadedLibtorch(): string[];
  tryLockFile(descriptor: number): boolean;
  /** Absent where the addon was built without c10d and Gloo. */
  readonly ranks?: {
    open(place: RankPlace): void;
    put(key: string, value: string): void;
    get(key: string): string | undefined;
    count(key: string): number;
    connect(device: string): void;
    exchangeOf(device: string): string;
    gpuIdentity(device: string): string;
    sum(handle: Handle): void;
    broadcast(handle: Handle): void;
    reduceGradientsOf(parameters: readonly Handle[], bucketBytes: number): number;
    finishGradients(): void;
    synchroniseNorms(synchronised: boolean): void;
    ranksOfNorms(): number;
    fault(message: string): void;
    close(): void;
  };
}

/** Where a rank is among all, and where it finds rank 0. */
export interface RankPlace {
  /** From 0. */
  readonly rank: number;
  /** How many there are. */
  readonly world: number;
  /** Of rank 0: a name or an address. */
  readonly address: string;
  readonly port: number;
  /** How long ranks wait for each other at the start, in ms. */
  readonly joining: number;
  /** How long an exchange waits for the other ranks, in ms. */
  readonly exchanging: number;
}

let loaded: Native | undefined;

/**
 * The addon, loaded on first use.
 *
 * @throws {@link NativeLoadError} if it is not built, its libtorch cannot be found, or two libtorch builds are mixed
 */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

/**
 * Starts to load libtorch on another thread, so that a program that will need it can load its modules meanwhile. The first
 * use of the engine waits for the end; what goes wrong is reported there.
 */
export function preloadEngine(): void {
  if (loaded !== undefined) return;
  let folder: string;
  try {
    folder = addonFolder();
  } catch {
    return;
  }
  letThreadsSleep();
  const loader = createRequire(import.meta.url)(join(folder, "snnseg_preload.node")) as {
    start(path: string): void;
    finish(): void;
  };
  process.once("exit", () => loader.finish());
  loader.start(join(folder, addonFile));
}

/**
 * A waiting thread must sleep, not spin: with another process on one of the cores, spinning threads take the core from
 * the one they wait for, and a step becomes several times slower. The OpenMP runtime reads this when loaded.
 */
function letThreadsSleep(): void {
  process.env.OMP_WAIT_POLICY ??= "passive";
  // OpenBLAS's spin after every call. The products left to it here are small, so one thread serves.
  process.env.OPENBLAS_NUM_THREADS ??= "1";
}

function load(): Native {
  const path = join(addonFolder(), addonFile);
  letThreadsSleep();
  let addon: Native;
  try {
    addon = createRequire(import.meta.url)(path) as Native;
  } catch (error) {
    const problem = firstLine(error);
    throw new NativeLoadError(`addon: ${problem}; ${fixOf(problem)}`, { cause: error });
  }
  const instructionSetError = addon.instructionSetError();
  if (instructionSetError !== undefined) throw new OptionError(instructionSetError);
  const builds = addon.loadedLibtorch();
  if (builds.length > 1) {
    throw new NativeLoadError(
      `addon: expected one libtorch in the process, found ${builds.join(" and ")}; unset LD_LIBRARY_PATH and LD_PRELOAD, then run ${setupCommand}`,
    );
  }
  return addon;
}

/** What to do when the system could not load the addon. */
function fixOf(problem: string): string {
  return /\blib(cu|nv|nccl)[^ ]*: cannot open/.test(problem)
    ? "a libtorch with CUDA needs NVIDIA's libraries: install the nvidia packages that its torch asks for beside it, " +
        "or set LIBTORCH to a libtorch for the CPU"
    : `the libtorch it was built with may have moved or changed: run ${setupCommand} again (on Debian and Ubuntu it ` +
        "installs libtorch-dev; or set LIBTORCH to an unpacked libtorch)";
}

/** Runs a native call and turns its coded errors into the project's classes. */
export function guarded<T>(body: (addon: Native) => T): T {
  const addon = native();
  try {
    return body(addon);
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof SnnsegError || !("code" in error)) return error;
  switch (error.code) {
    case "DISPOSED_TENSOR":
      return new DisposedTensorError(
        `${error.message}; a tensor lives as long as its scope: return it from the scope, or keep() it`,
        { cause: error },
      );
    case "OPTION":
      return new OptionError(error.message, { cause: error });
    case "NATIVE":
      return new NativeError(error.message, { cause: error });
    case "RANKS":
      return new OptionError(error.message, { cause: error });
    case "RANK_FAILURE":
      return new RankError(error.message, { cause: error });
    default:
      return error;
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split("\n")[0] ?? "";
}
