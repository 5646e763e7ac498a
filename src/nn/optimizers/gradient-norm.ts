/** How large all gradients are together. */
import { call, mul, scope, sum, type Tensor } from "../../engine/index.js";

/**
 * √Σ g² over all elements of all gradients, summed in float64; on the CPU the same for any number of threads.
 *
 * @param gradients - float32, at least one; read only
 */
export function gradientNorm(gradients: readonly Tensor[]): number {
  const onCpu = gradients.every(({ device }) => device === "cpu");
  return Math.sqrt((onCpu ? squaredNorm : squaredNormReference)(gradients));
}

/** One native pass over all of them. */
export function squaredNorm(tensors: readonly Tensor[]): number {
  return scope("squared norm", () => call("snnseg::squared_norm", [tensors]).item());
}

/** The same composed of libtorch's operators, for any device. */
export function squaredNormReference(tensors: readonly Tensor[]): number {
  return scope("squared norm", () => {
    const squares = tensors.map((x) => sum(mul(x, x), undefined, { dtype: "float64" }));
    return sum(call("aten::stack", [squares, 0])).item();
  });
}
