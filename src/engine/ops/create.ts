/** Tensors from nothing: constants and random numbers. */
import { checkSeed } from "../../checks/index.js";
import { call } from "../call.js";
import { checkDevice } from "../device.js";
import { type DType, dtypeCode } from "../dtype.js";
import type { Tensor } from "../tensor.js";

export interface CreateOptions {
  /** Element type (default `float32`). */
  readonly dtype?: DType;
  /** `cpu` (default) or `cuda`, `cuda:1` …, which needs a libtorch with CUDA. */
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

/**
 * Uniform numbers in [0, 1), the same for the same seed. Drawn on the CPU, then moved.
 *
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @throws OptionError if the seed is none
 */
export function rand(shape: readonly number[], seed: number, options: CreateOptions = {}): Tensor {
  checkSeed("rand", seed);
  return draw("aten::rand.generator", shape, seed, options);
}

/**
 * Standard normal numbers, the same for the same seed. Drawn on the CPU, then moved.
 *
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @throws OptionError if the seed is none
 */
export function randn(shape: readonly number[], seed: number, options: CreateOptions = {}): Tensor {
  checkSeed("randn", seed);
  return draw("aten::randn.generator", shape, seed, options);
}

function draw(operator: string, shape: readonly number[], seed: number, options: CreateOptions): Tensor {
  const { dtype = "float32", device = "cpu" } = options;
  const x = call(operator, [shape, { seed }, dtypeCode(dtype)]);
  if (device === "cpu") return x;
  using onCpu = x;
  return toDevice(onCpu, device);
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
