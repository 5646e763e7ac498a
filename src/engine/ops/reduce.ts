/** Sums, means, extremes, shares of a sum. */
import { call } from "../call.js";
import { type DType, dtypeCode } from "../dtype.js";
import type { Tensor } from "../tensor.js";

/** Sum over `axes` (all when empty). */
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

/** Mean over `axes` (all when empty). */
export function mean(x: Tensor, axes: readonly number[] = []): Tensor {
  return axes.length === 0 ? call("aten::mean", [x]) : call("aten::mean.dim", [x, axes, false]);
}

/** Largest value over `axes` (all when empty). */
export function amax(x: Tensor, axes: readonly number[] = []): Tensor {
  return call("aten::amax", [x, axes]);
}

/** Smallest value over `axes` (all when empty). */
export function amin(x: Tensor, axes: readonly number[] = []): Tensor {
  return call("aten::amin", [x, axes]);
}

/** Index of the largest value along `axis`, as int64. */
export function argmax(x: Tensor, axis: number): Tensor {
  return call("aten::argmax", [x, axis]);
}

/** The Euclidean norm of all elements. */
export function norm(x: Tensor): Tensor {
  return call("aten::norm.Scalar", [x]);
}

/** eˣ / Σ eˣ along `axis`. */
export function softmax(x: Tensor, axis: number): Tensor {
  return call("aten::softmax.int", [x, axis]);
}

/** x − ln Σ eˣ along `axis`. */
export function logSoftmax(x: Tensor, axis: number): Tensor {
  return call("aten::log_softmax.int", [x, axis]);
}

/** Whether every element is finite. */
export function allFinite(x: Tensor): boolean {
  using finite = call("aten::isfinite", [x]);
  using all = call("aten::all", [finite]);
  return all.item() === 1;
}
