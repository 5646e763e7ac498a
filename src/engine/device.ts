/** Where tensors may be placed. */
import { OptionError } from "../errors.js";
import { native } from "./native.js";

/**
 * Checks that tensors can be placed on a device.
 *
 * @param device - `cpu`, `cuda` or `cuda:N`
 * @throws OptionError if it is none of these, or if this libtorch or this machine has no such device
 */
export function checkDevice(device: string): void {
  if (device === "cpu") return;
  const name = /^cuda(?::(\d+))?$/.exec(device);
  if (!name) {
    throw new OptionError(`device: expected cpu, cuda or cuda:N, received ${device}; try cpu`);
  }
  const addon = native();
  const devices = addon.cudaDevices();
  if (Number(name[1] ?? 0) < devices) return;
  const version = `libtorch ${addon.version()}`;
  const reason = !addon.hasCudaBuild()
    ? `${version} was built without CUDA`
    : devices === 0
      ? `${version} finds no NVIDIA GPU with a working driver on this machine`
      : `this machine has ${devices} CUDA ${devices === 1 ? "device" : "devices"}, numbered from 0`;
  throw new OptionError(
    `device: expected one that can be used here, received ${device}, but ${reason}; use cpu`,
  );
}

/** How many GPUs libtorch can use here. */
export function countGpus(): number {
  return native().cudaDevices();
}

let chosen = 0;

/** From now on `cuda` is the GPU of this number in this process. @param number - from 0, below {@link countGpus} */
export function chooseGpu(number: number): void {
  chosen = number;
}

/**
 * The full name of a device: `cuda` is the GPU that {@link chooseGpu} chose, or the first.
 *
 * @throws as {@link checkDevice}
 */
export function usableDevice(device: string): string {
  checkDevice(device);
  return device === "cuda" ? `cuda:${chosen}` : device;
}

/**
 * Whether the fused operators of neurons, and of norms with activations, run on a device: on the CPU, and on a GPU where their
 * kernels were built. Elsewhere their plain twins run.
 *
 * @param device - of a tensor
 */
export function hasFusedOperators(device: string): boolean {
  return device === "cpu" || native().hasGpuKernels();
}
