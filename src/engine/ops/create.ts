/** Tensors from nothing: constants and random numbers. */
import { call } from "../call.js";
import { checkDevice } from "../device.js";
import { type DType, dtypeCode } from "../dtype.js";
import type { Tensor } from "../tensor.js";

export interface CreateOptions {
  /** Element type (default `float32`). */
  readonly dtype?: DType;
  /** `cpu` (default) or `cuda`, `cuda:1` … */
  readonly device?: string;
}

function placement(options: CreateOptions): [number, null, string] {
  const { dtype = "float32", device = "cpu" } = options;
  checkDevice(device);
  return [dtypeCode(dtype), null, device];
}

export function zeros(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return call("aten::zeros", [shape, ...placement(options)]);
}

export function ones(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return call("aten::ones", [shape, ...placement(options)]);
}

export function full(shape: readonly number[], value: number, options: CreateOptions = {}): Tensor {
  return call("aten::full", [shape, value, ...placement(options)]);
}

export function zerosLike(x: Tensor): Tensor {
  return call("aten::zeros_like", [x]);
}

/** Uniform numbers in [0, 1), the same for the same seed. Drawn on the CPU, then moved. */
export function rand(shape: readonly number[], seed: number, options: CreateOptions = {}): Tensor {
  const x = call("aten::rand.generator", [shape, { seed }, dtypeCode(options.dtype ?? "float32")]);
  return moved(x, options);
}

/** Standard normal numbers, the same for the same seed. Drawn on the CPU, then moved. */
export function randn(shape: readonly number[], seed: number, options: CreateOptions = {}): Tensor {
  const x = call("aten::randn.generator", [shape, { seed }, dtypeCode(options.dtype ?? "float32")]);
  return moved(x, options);
}

function moved(x: Tensor, options: CreateOptions): Tensor {
  const device = options.device ?? "cpu";
  return device === "cpu" ? x : toDevice(x, device);
}

/** `x` on another device. */
export function toDevice(x: Tensor, device: string): Tensor {
  checkDevice(device);
  return call("aten::to.dtype_layout", [x, undefined, undefined, device]);
}

/** `x` with another element type. */
export function toDType(x: Tensor, dtype: DType): Tensor {
  return call("aten::to.dtype", [x, dtypeCode(dtype)]);
}
