/** Operators over lists of tensors, one native call for all parameters; optimizers are built on them. */
import { callMany, invoke } from "../call.js";
import type { Tensor } from "../tensor.js";

type Tensors = readonly Tensor[];

/** x_k ← x_k + alpha·y_k */
export function foreachAdd_(x: Tensors, y: Tensors, alpha = 1): void {
  invoke("aten::_foreach_add_.List", [x, y, alpha]);
}

/** x_k ← x_k·factor */
export function foreachMul_(x: Tensors, factor: number): void {
  invoke("aten::_foreach_mul_.Scalar", [x, factor]);
}

/** x_k + alpha·y_k */
export function foreachAdd(x: Tensors, y: Tensors, alpha = 1): Tensor[] {
  return callMany("aten::_foreach_add.List", [x, y, alpha]);
}

/** x_k ← x_k + value·a_k·b_k */
export function foreachAddcmul_(x: Tensors, a: Tensors, b: Tensors, value: number): void {
  invoke("aten::_foreach_addcmul_.Scalar", [x, a, b, value]);
}

/** x_k ← x_k + value·a_k/b_k */
export function foreachAddcdiv_(x: Tensors, a: Tensors, b: Tensors, value: number): void {
  invoke("aten::_foreach_addcdiv_.Scalar", [x, a, b, value]);
}

/** sqrt(x_k) */
export function foreachSqrt(x: Tensors): Tensor[] {
  return callMany("aten::_foreach_sqrt", [x]);
}

/** max(x_k, y_k), element by element */
export function foreachMaximum(x: Tensors, y: Tensors): Tensor[] {
  return callMany("aten::_foreach_maximum.List", [x, y]);
}

/** x_k ← x_k / divisor */
export function foreachDiv_(x: Tensors, divisor: number): void {
  invoke("aten::_foreach_div_.Scalar", [x, divisor]);
}

/** x_k ← x_k + value */
export function foreachAddScalar_(x: Tensors, value: number): void {
  invoke("aten::_foreach_add_.Scalar", [x, value]);
}
