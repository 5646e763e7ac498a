/** Element by element: arithmetic, comparison, activation. Operands broadcast as in PyTorch. */
import { call, callInPlace } from "../call.js";
import { Tensor } from "../tensor.js";

type Operand = Tensor | number;

/** a + alpha·b */
export function add(a: Tensor, b: Operand, alpha = 1): Tensor {
  return b instanceof Tensor
    ? call("aten::add.Tensor", [a, b, alpha])
    : call("aten::add.Scalar", [a, b, alpha]);
}

/** a − alpha·b */
export function sub(a: Tensor, b: Operand, alpha = 1): Tensor {
  return b instanceof Tensor
    ? call("aten::sub.Tensor", [a, b, alpha])
    : call("aten::sub.Scalar", [a, b, alpha]);
}

/** a·b */
export function mul(a: Tensor, b: Operand): Tensor {
  return b instanceof Tensor ? call("aten::mul.Tensor", [a, b]) : call("aten::mul.Scalar", [a, b]);
}

/** a / b */
export function div(a: Tensor, b: Operand): Tensor {
  return b instanceof Tensor ? call("aten::div.Tensor", [a, b]) : call("aten::div.Scalar", [a, b]);
}

/** a > b as booleans */
export function gt(a: Tensor, b: Operand): Tensor {
  return b instanceof Tensor ? call("aten::gt.Tensor", [a, b]) : call("aten::gt.Scalar", [a, b]);
}

/** a < b as booleans */
export function lt(a: Tensor, b: Operand): Tensor {
  return b instanceof Tensor ? call("aten::lt.Tensor", [a, b]) : call("aten::lt.Scalar", [a, b]);
}

/** a ≤ b as booleans */
export function le(a: Tensor, b: Operand): Tensor {
  return b instanceof Tensor ? call("aten::le.Tensor", [a, b]) : call("aten::le.Scalar", [a, b]);
}

export function abs(x: Tensor): Tensor {
  return call("aten::abs", [x]);
}

export function sqrt(x: Tensor): Tensor {
  return call("aten::sqrt", [x]);
}

/** −1, 0 or 1 */
export function sign(x: Tensor): Tensor {
  return call("aten::sign", [x]);
}

/** max(0, x) */
export function relu(x: Tensor): Tensor {
  return call("aten::relu", [x]);
}

/** x where x > 0, slope·x elsewhere */
export function leakyRelu(x: Tensor, slope: number): Tensor {
  return call("aten::leaky_relu", [x, slope]);
}

/** Overwrites `target` with `source` (same shape; converts the dtype). */
export function copyInto(target: Tensor, source: Tensor): Tensor {
  return callInPlace("aten::copy_", target, [source]);
}
