/**
 * Element by element: arithmetic, comparison, choice, activation. Operands broadcast as in PyTorch; one of two may be a
 * number.
 */
import { checkNumber, checkSeed } from "../../checks/index.js";
import { ShapeError } from "../../errors.js";
import { call, callInPlace } from "../call.js";
import { Tensor } from "../tensor.js";
import { full, rand } from "./create.js";

/** A tensor, or one number for all elements of the other operand. */
export type Operand = Tensor | number;

/** An operator of two operands, `rest` behind them; `swapped` computes it with a number on the left. */
function binary(
  name: string,
  [a, b, ...rest]: [Operand, Operand, ...number[]],
  swapped: (a: number, b: Tensor) => Tensor,
): Tensor {
  if (a instanceof Tensor)
    return call(`aten::${name}.${b instanceof Tensor ? "Tensor" : "Scalar"}`, [a, b, ...rest]);
  if (b instanceof Tensor) return swapped(a, b);
  throw new ShapeError(`${name}: expected a tensor among its operands, received two numbers`);
}

/**
 * a + alpha·b
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 * @param alpha - factor of `b` (default 1)
 */
export function add(a: Tensor, b: Operand, alpha?: number): Tensor;
/**
 * a + alpha·b, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 * @param alpha - factor of `b` (default 1)
 */
export function add(a: number, b: Tensor, alpha?: number): Tensor;
export function add(a: Operand, b: Operand, alpha = 1): Tensor {
  return binary("add", [a, b, alpha], (a, b) => call("aten::rsub.Scalar", [b, a, -alpha]));
}

/**
 * a − alpha·b
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 * @param alpha - factor of `b` (default 1)
 */
export function sub(a: Tensor, b: Operand, alpha?: number): Tensor;
/**
 * a − alpha·b, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 * @param alpha - factor of `b` (default 1)
 */
export function sub(a: number, b: Tensor, alpha?: number): Tensor;
export function sub(a: Operand, b: Operand, alpha = 1): Tensor {
  return binary("sub", [a, b, alpha], (a, b) => call("aten::rsub.Scalar", [b, a, alpha]));
}

/**
 * a·b
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 */
export function mul(a: Tensor, b: Operand): Tensor;
/**
 * a·b, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 */
export function mul(a: number, b: Tensor): Tensor;
export function mul(a: Operand, b: Operand): Tensor {
  return binary("mul", [a, b], (a, b) => call("aten::mul.Scalar", [b, a]));
}

/**
 * a / b; integers give float32
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 */
export function div(a: Tensor, b: Operand): Tensor;
/**
 * a / b, of a number and a tensor; integers give float32
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 */
export function div(a: number, b: Tensor): Tensor;
export function div(a: Operand, b: Operand): Tensor {
  return binary("div", [a, b], (a, b) => {
    using numerator = full([], a, { dtype: b.dtype, device: b.device });
    return call("aten::div.Tensor", [numerator, b]);
  });
}

/**
 * a > b as booleans
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 */
export function gt(a: Tensor, b: Operand): Tensor;
/**
 * a > b as booleans, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 */
export function gt(a: number, b: Tensor): Tensor;
export function gt(a: Operand, b: Operand): Tensor {
  return binary("gt", [a, b], (a, b) => lt(b, a));
}

/**
 * a < b as booleans
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 */
export function lt(a: Tensor, b: Operand): Tensor;
/**
 * a < b as booleans, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 */
export function lt(a: number, b: Tensor): Tensor;
export function lt(a: Operand, b: Operand): Tensor {
  return binary("lt", [a, b], (a, b) => gt(b, a));
}

/**
 * a ≤ b as booleans
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 */
export function le(a: Tensor, b: Operand): Tensor;
/**
 * a ≤ b as booleans, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 */
export function le(a: number, b: Tensor): Tensor;
export function le(a: Operand, b: Operand): Tensor {
  return binary("le", [a, b], (a, b) => ge(b, a));
}

/**
 * a ≥ b as booleans
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 */
export function ge(a: Tensor, b: Operand): Tensor;
/**
 * a ≥ b as booleans, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 */
export function ge(a: number, b: Tensor): Tensor;
export function ge(a: Operand, b: Operand): Tensor {
  return binary("ge", [a, b], (a, b) => le(b, a));
}

/**
 * a = b as booleans
 *
 * @param a - any shape, of numbers
 * @param b - a tensor that broadcasts with `a`, or a number
 */
export function eq(a: Tensor, b: Operand): Tensor;
/**
 * a = b as booleans, of a number and a tensor
 *
 * @param a - for all elements of `b`
 * @param b - any shape, of numbers
 */
export function eq(a: number, b: Tensor): Tensor;
export function eq(a: Operand, b: Operand): Tensor {
  return binary("eq", [a, b], (a, b) => eq(b, a));
}

/**
 * `yes` where `condition` holds, `no` elsewhere.
 *
 * @param condition - booleans; the three broadcast
 * @param yes - a tensor, or a number if `no` is a tensor
 * @param no - likewise
 * @throws ShapeError if both are numbers; NativeError unless the condition is boolean
 */
export function where(condition: Tensor, yes: Operand, no: Operand): Tensor {
  if (yes instanceof Tensor)
    return call(`aten::where.${no instanceof Tensor ? "self" : "ScalarOther"}`, [condition, yes, no]);
  if (no instanceof Tensor) return call("aten::where.ScalarSelf", [condition, yes, no]);
  throw new ShapeError(
    "where: expected a tensor among yes and no, received two numbers; make one with full()",
  );
}

/**
 * x, but at least `least` and at most `most`; the gradient is 0 outside.
 *
 * @param x - any shape, of numbers
 * @param bounds - `least` and `most`, finite; one may be left out
 * @throws OptionError unless at least one is given, and least ≤ most
 */
export function clamp(x: Tensor, bounds: { readonly least?: number; readonly most?: number }): Tensor {
  const { least, most } = bounds;
  if (least !== undefined) checkNumber("clamp", "least", least);
  if (least === undefined || most !== undefined)
    checkNumber("clamp", "most", most, least === undefined ? {} : { least });
  return call("aten::clamp", [x, least ?? null, most ?? null]);
}

/** |x| @param x - any shape, of numbers */
export function abs(x: Tensor): Tensor {
  return call("aten::abs", [x]);
}

/** √x; NaN below 0. @param x - any shape; integers give float32 */
export function sqrt(x: Tensor): Tensor {
  return call("aten::sqrt", [x]);
}

/** eˣ @param x - any shape; integers give float32 */
export function exp(x: Tensor): Tensor {
  return call("aten::exp", [x]);
}

/** ln x; −∞ at 0, NaN below. @param x - any shape; integers give float32 */
export function log(x: Tensor): Tensor {
  return call("aten::log", [x]);
}

/**
 * x to the power of `exponent`; NaN for fractions of negative numbers
 *
 * @param x - any shape, of numbers
 * @param exponent - of all elements; 0 or more where `x` holds integers
 */
export function pow(x: Tensor, exponent: number): Tensor {
  return call("aten::pow.Tensor_Scalar", [x, exponent]);
}

/** −1, 0 or 1, with gradient 0. @param x - any shape, of numbers */
export function sign(x: Tensor): Tensor {
  return call("aten::sign", [x]);
}

/** max(0, x) @param x - any shape, of numbers */
export function relu(x: Tensor): Tensor {
  return call("aten::relu", [x]);
}

/**
 * x where x > 0, slope·x elsewhere
 *
 * @param x - any shape, floating point
 * @param slope - such as 0.01; 0 is {@link relu}
 */
export function leakyRelu(x: Tensor, slope: number): Tensor {
  return call("aten::leaky_relu", [x, slope]);
}

/** 1 / (1 + e⁻ˣ) @param x - any shape; integers give float32 */
export function sigmoid(x: Tensor): Tensor {
  return call("aten::sigmoid", [x]);
}

/** (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ) @param x - any shape; integers give float32 */
export function tanh(x: Tensor): Tensor {
  return call("aten::tanh", [x]);
}

/**
 * Zeros with the given probability, all else divided by 1 − probability (Srivastava et al. 2014). For training: leave it
 * out where a network is evaluated.
 *
 * @param x - any shape, floating point
 * @param probability - in [0, 1)
 * @param seed - the same seed drops the same elements
 * @throws OptionError if one is out of its range
 */
export function dropout(x: Tensor, probability: number, seed: number): Tensor {
  checkNumber("dropout", "probability", probability, { least: 0, below: 1 });
  checkSeed("dropout", seed);
  using draws = rand(x.shape, seed, { device: x.device });
  using kept = ge(draws, probability);
  using scale = div(kept, 1 - probability);
  return mul(x, scale);
}

/**
 * Overwrites `target` with `source` and returns it.
 *
 * @param target - keeps its element type and device; a leaf that requires gradients is written inside `noGrad`
 * @param source - a shape that broadcasts to the target's, any type, any device
 * @throws NativeError if the shapes do not fit
 */
export function copyInto(target: Tensor, source: Tensor): Tensor {
  return callInPlace("aten::copy_", target, [source]);
}
