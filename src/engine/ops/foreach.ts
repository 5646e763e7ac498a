/** Operators over lists of tensors, one native call for all parameters; optimizers are built on them. */
import { callMany, invoke } from "../call.js";
import type { Tensor } from "../tensor.js";

/**
 * x_k ← x_k + alpha·y_k
 *
 * @param x - floating point, written in place inside `noGrad`
 * @param y - one for each of `x`, of its shape
 * @param alpha - the same for all (default 1)
 */
export function foreachAdd_(x: readonly Tensor[], y: readonly Tensor[], alpha = 1): void {
  invoke("aten::_foreach_add_.List", [x, y, alpha]);
}

/**
 * x_k ← x_k·factor
 *
 * @param x - floating point, written in place inside `noGrad`
 * @param factor - the same for all
 */
export function foreachMul_(x: readonly Tensor[], factor: number): void {
  invoke("aten::_foreach_mul_.Scalar", [x, factor]);
}

/**
 * x_k + alpha·y_k
 *
 * @param x - floating point, read only
 * @param y - one for each of `x`, of its shape
 * @param alpha - the same for all (default 1)
 */
export function foreachAdd(x: readonly Tensor[], y: readonly Tensor[], alpha = 1): Tensor[] {
  return callMany("aten::_foreach_add.List", [x, y, alpha]);
}

/**
 * x_k ← x_k + value·a_k·b_k, element by element
 *
 * @param x - floating point, written in place inside `noGrad`
 * @param a - one for each of `x`, of its shape
 * @param b - likewise
 * @param value - the same for all
 */
export function foreachAddcmul_(
  x: readonly Tensor[],
  a: readonly Tensor[],
  b: readonly Tensor[],
  value: number,
): void {
  invoke("aten::_foreach_addcmul_.Scalar", [x, a, b, value]);
}

/**
 * x_k ← x_k + value·a_k/b_k, element by element
 *
 * @param x - floating point, written in place inside `noGrad`
 * @param a - one for each of `x`, of its shape
 * @param b - likewise
 * @param value - the same for all
 */
export function foreachAddcdiv_(
  x: readonly Tensor[],
  a: readonly Tensor[],
  b: readonly Tensor[],
  value: number,
): void {
  invoke("aten::_foreach_addcdiv_.Scalar", [x, a, b, value]);
}

/** √x_k @param x - floating point, read only */
export function foreachSqrt(x: readonly Tensor[]): Tensor[] {
  return callMany("aten::_foreach_sqrt", [x]);
}

/**
 * max(x_k, y_k), element by element
 *
 * @param x - floating point, read only
 * @param y - one for each of `x`, of its shape
 */
export function foreachMaximum(x: readonly Tensor[], y: readonly Tensor[]): Tensor[] {
  return callMany("aten::_foreach_maximum.List", [x, y]);
}

/**
 * x_k ← x_k / divisor
 *
 * @param x - floating point, written in place inside `noGrad`
 * @param divisor - the same for all
 */
export function foreachDiv_(x: readonly Tensor[], divisor: number): void {
  invoke("aten::_foreach_div_.Scalar", [x, divisor]);
}

/**
 * x_k ← x_k + value
 *
 * @param x - floating point, written in place inside `noGrad`
 * @param value - the same for all
 */
export function foreachAddScalar_(x: readonly Tensor[], value: number): void {
  invoke("aten::_foreach_add_.Scalar", [x, value]);
}
