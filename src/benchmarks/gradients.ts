/** How far the gradients of two computations of the same agree. */
import { clone, keep, mul, scope, sum, type Tensor, toDType } from "../engine/index.js";
import { Optimizer } from "../nn/index.js";

/** Instead of an update, keeps the gradients. */
export class GradientCopy extends Optimizer {
  readonly gradients = new Map<string, Tensor>();

  constructor(parameters: ReadonlyMap<string, Tensor>) {
    super(parameters, 0);
  }

  protected override update(
    names: readonly string[],
    _: readonly Tensor[],
    gradients: readonly Tensor[],
  ): void {
    for (const [i, name] of names.entries()) this.gradients.set(name, keep(clone(gradients[i]!)));
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    for (const gradient of this.gradients.values()) gradient.dispose();
  }
}

/** Cosine of the angle between the gradients of each parameter; 1 where both are 0. */
export function gradientCosines(
  a: ReadonlyMap<string, Tensor>,
  b: ReadonlyMap<string, Tensor>,
): Record<string, number> {
  const cosine = (name: string, x: Tensor) =>
    scope("cosine", () => {
      const y = b.get(name);
      if (y === undefined) return 0;
      const product = (p: Tensor, q: Tensor) => sum(mul(toDType(p, "float64"), toDType(q, "float64"))).item();
      const [xx, yy] = [product(x, x), product(y, y)];
      return xx === 0 && yy === 0 ? 1 : product(x, y) / Math.sqrt(xx * yy);
    });
  return Object.fromEntries([...a].map(([name, x]) => [name, cosine(name, x)]));
}
