/** Tensors from nothing: constants and random numbers. */

import type { DType } from "../../arrays/index.js";
import { checkSeed } from "../../checks/index.js";
import { call } from "../call.js";
import { usableDevice } from "../device.js";
import { dtypeCode } from "../dtype.js";
import type { Tensor } from "../tensor.js";

/** Where and of what a new tensor is. */
export interface CreateOptions {
  /** Element type (default `float32`). */
  readonly dtype?: DType;
  /** `cpu` (default) or `cuda`, `cuda:1` …, which needs a libtorch with CUDA. */
  readonly device?: string;
}

function placement(options: CreateOptions): [number, null, string] {
  const { dtype = "float32", device = "cpu" } = options;
  return [dtypeCode(dtype), null, usableDevice(device)];
}

/**
 * Zeros.
 *
 * @param shape - sizes; `[]` is a scalar
 * @param options - default: float32 on the CPU
 * @throws OptionError for an unknown element type, or a device that cannot be used here
 */
export function zeros(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return call("aten::zeros", [shape, ...placement(options)]);
}

/**
 * Ones.
 *
 * @param shape - sizes; `[]` is a scalar
 * @param options - default: float32 on the CPU
 * @throws OptionError for an unknown element type, or a device that cannot be used here
 */
export function ones(shape: readonly number[], options: CreateOptions = {}): Tensor {
  return call("aten::ones", [shape, ...placement(options)]);
}

/**
 * The same number everywhere.
 *
 * @param shape - sizes; `[]` is a scalar
 * @param value - rounded to the element type
 * @param options - default: float32 on the CPU
 * @throws OptionError for an unknown element type, or a device that cannot be used here
 */
export function full(shape: readonly number[], value: number, options: CreateOptions = {}): Tensor {
  return call("aten::full", [shape, value, ...placement(options)]);
}

/** Zeros of the shape, element type and device of `x`. @param x - read for these alone */
export function zerosLike(x: Tensor): Tensor {
  return call("aten::zeros_like", [x]);
}

/**
 * Uniform numbers in [0, 1), the same for the same seed. Drawn on the CPU, then moved.
 *
 * @param shape - sizes; `[]` is a scalar
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @param options - a floating-point type (default float32), and where to (default the CPU)
 * @throws OptionError if the seed is none
 */
export function rand(shape: readonly number[], seed: number, options: CreateOptions = {}): Tensor {
  checkSeed("rand", seed);
  return draw("aten::rand.generator", shape, seed, options);
}

/**
 * Standard normal numbers, the same for the same seed. Drawn on the CPU, then moved.
 *
 * @param shape - sizes; `[]` is a scalar
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @param options - a floating-point type (default float32), and where to (default the CPU)
 * @throws OptionError if the seed is none
 */
export function randn(shape: readonly number[], seed: number, options: CreateOptions = {}): Tensor {
  checkSeed("randn", seed);
  return draw("aten::randn.generator", shape, seed, options);
}

/**
 * Uniform numbers in [0, 1) that the device itself draws, the same for the same seed on the same kind of device: on the CPU those of
 * {@link rand}, on a GPU others.
 *
 * @param shape - sizes; `[]` is a scalar
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @param options - a floating-point type (default float32), and where (default the CPU)
 * @throws OptionError if the seed is none, or the device cannot be used here
 */
export function randOnDevice(shape: readonly number[], seed: number, options: CreateOptions = {}): Tensor {
  checkSeed("randOnDevice", seed);
  const [dtype, layout, device] = placement(options);
  return call("aten::rand.generator", [shape, { seed, device }, dtype, layout, device]);
}

function draw(operator: string, shape: readonly number[], seed: number, options: CreateOptions): Tensor {
  const { dtype = "float32", device = "cpu" } = options;
  const x = call(operator, [shape, { seed }, dtypeCode(dtype)]);
  if (device === "cpu") return x;
  using onCpu = x;
  return toDevice(onCpu, device);
}

/**
 * `x` on another device; where it is there already, another handle on the same memory.
 *
 * @param x - any shape and type
 * @param device - `cpu`, `cuda` or `cuda:N`
 * @throws OptionError if it cannot be used here
 */
export function toDevice(x: Tensor, device: string): Tensor {
  const to = usableDevice(device);
  const place = [undefined, undefined, to];
  if (to === "cpu" || x.device !== "cpu" || x.requiresGrad)
    return call("aten::to.dtype_layout", [x, ...place]);
  // In one piece of pinned memory, which the GPU copies by itself: the host need not wait for all that is still to be done
  // there. libtorch keeps the memory until the copy is made.
  using whole = call("aten::contiguous", [x]);
  using pinned = call("aten::pin_memory", [whole]);
  return call("aten::to.dtype_layout", [pinned, ...place, undefined, true]);
}

/**
 * `x` with another element type; where it has it already, another handle on the same memory.
 *
 * @param x - any shape; gradients pass between floating-point types
 * @param dtype - integers are made by cutting off fractions, booleans by x ≠ 0
 * @throws OptionError for an unknown type
 */
export function toDType(x: Tensor, dtype: DType): Tensor {
  return call("aten::to.dtype", [x, dtypeCode(dtype)]);
}
