/** Sums, means, extremes, shares of a sum. */

import type { DType } from "../../arrays/index.js";
import { call } from "../call.js";
import { dtypeCode } from "../dtype.js";
import type { Tensor } from "../tensor.js";

/**
 * Sum over `axes`.
 *
 * @param x - any shape
 * @param axes - negative ones count from the last; they vanish from the shape (default: all)
 * @param options - element type to sum in (default: that of `x`, int64 for integers and booleans)
 */
export function sum(
  x: Tensor,
  axes: readonly number[] = [],
  options: { readonly dtype?: DType } = {},
): Tensor {
  const dtype = options.dtype === undefined ? undefined : dtypeCode(options.dtype);
  return axes.length === 0
    ? call("aten::sum", [x, dtype])
    : call("aten::sum.dim_IntList", [x, axes, false, dtype]);
}

/**
 * Mean over `axes`.
 *
 * @param x - any shape, floating point
 * @param axes - negative ones count from the last; they vanish from the shape (default: all)
 */
export function mean(x: Tensor, axes: readonly number[] = []): Tensor {
  return axes.length === 0 ? call("aten::mean", [x]) : call("aten::mean.dim", [x, axes, false]);
}

/**
 * Largest value over `axes`.
 *
 * @param x - any shape, of numbers
 * @param axes - negative ones count from the last; they vanish from the shape (default: all)
 */
export function amax(x: Tensor, axes: readonly number[] = []): Tensor {
  return call("aten::amax", [x, axes]);
}

/**
 * Smallest value over `axes`.
 *
 * @param x - any shape, of numbers
 * @param axes - negative ones count from the last; they vanish from the shape (default: all)
 */
export function amin(x: Tensor, axes: readonly number[] = []): Tensor {
  return call("aten::amin", [x, axes]);
}

/**
 * Index of the largest value along `axis`, as int64.
 *
 * @param x - any shape, of numbers
 * @param axis - vanishes from the shape; 1 is the classes of scores `[N, K, H, W]`
 */
export function argmax(x: Tensor, axis: number): Tensor {
  return call("aten::argmax", [x, axis]);
}

/** The Euclidean norm of all elements. @param x - any shape, floating point */
export function norm(x: Tensor): Tensor {
  return call("aten::norm.Scalar", [x]);
}

/**
 * eˣ / Σ eˣ along `axis`.
 *
 * @param x - any shape, floating point
 * @param axis - whose values sum to 1; negative ones count from the last
 */
export function softmax(x: Tensor, axis: number): Tensor {
  return call("aten::softmax.int", [x, axis]);
}

/**
 * x − ln Σ eˣ along `axis`.
 *
 * @param x - any shape, floating point
 * @param axis - as for {@link softmax}
 */
export function logSoftmax(x: Tensor, axis: number): Tensor {
  return call("aten::log_softmax.int", [x, axis]);
}

/** Whether no element is NaN or infinite. @param x - any shape and type */
export function allFinite(x: Tensor): boolean {
  using finite = call("aten::isfinite", [x]);
  using all = call("aten::all", [finite]);
  return all.item() === 1;
}
