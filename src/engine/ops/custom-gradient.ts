/** Functions whose gradient is not their derivative, such as the spike. */
import { ShapeError } from "../../errors.js";
import { call } from "../call.js";
import { noGrad } from "../runtime.js";
import { scope } from "../scope.js";
import type { Tensor } from "../tensor.js";
import { add, mul, sub } from "./arithmetic.js";
import { detach } from "./shape.js";

/**
 * A function of each element for which backward uses a slope of its own:
 *
 *     y = forward(x),   ∂L/∂x = backward(x) · ∂L/∂y
 *
 * Both are made of operators and may be anything; on any device. No gradient passes where x is infinite or NaN.
 *
 * @param forward - `x` to `y` of the same shape; its own gradient is ignored
 * @param backward - `x` to the finite slope at each element, of the same shape
 * @returns the function; calling it throws ShapeError where one of the two gives another shape
 * @example
 * ```ts
 * import { scope, tensorFrom } from "snnseg";
 * import { customGradient, ones, sign, sum } from "snnseg/ops";
 *
 * const straight = customGradient(sign, (x) => ones(x.shape)); // the sign, with the gradient of x
 * scope("example", () => {
 *   const x = tensorFrom(Float32Array.of(-2, 0, 3), [3]).setRequiresGrad(true);
 *   sum(straight(x)).backward();
 *   console.log(straight(x).toNumbers(), x.grad?.toNumbers()); // [-1, 0, 1] [1, 1, 1]
 * });
 * ```
 */
export function customGradient(
  forward: (x: Tensor) => Tensor,
  backward: (x: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  return (x) =>
    scope("custom gradient", () => {
      const constant = detach(x);
      const value = sameShape(
        "forward",
        x,
        noGrad(() => forward(constant)),
      );
      if (!x.requiresGrad) return value;
      const slope = sameShape(
        "backward",
        x,
        noGrad(() => backward(constant)),
      );
      // 0 everywhere, with gradient 1 where x is finite.
      const carrier = call("aten::nan_to_num", [sub(x, constant), 0, 0, 0]);
      return add(mul(carrier, slope), value);
    });
}

function sameShape(name: string, x: Tensor, y: Tensor): Tensor {
  if (y.shape.join() === x.shape.join()) return y;
  throw new ShapeError(`customGradient: expected ${name} to give [${x.shape}], received [${y.shape}]`);
}
