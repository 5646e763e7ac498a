/** Surrogate gradients: what backward uses for the derivative of the spike s = [x > 0], x = u/ϑ − 1. */
import { checkOneOf, refuse } from "../checks/index.js";
import { call, customGradient, gt, type Tensor, toDType } from "../engine/index.js";
import { OptionError } from "../errors.js";

/**
 * A surrogate of one's own; it runs on the plain path.
 *
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { neuronSequence } from "snnseg/neurons";
 * import { exp, full, mul, sum } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const current = full([4, 1, 1, 1, 1], 0.6).setRequiresGrad(true);
 *   const { spikes } = neuronSequence(current, {
 *     surrogate: { name: "gaussian", slope: (x) => exp(mul(mul(x, x), -4)) },
 *   });
 *   sum(spikes).backward();
 *   console.log(current.grad?.toNumbers());
 * });
 * ```
 */
export interface SurrogateFunction {
  /** Shown in errors, and kept in checkpoints. */
  readonly name: string;
  /** dS/dx of each element, finite, of the shape of `x`. @param x - u/ϑ − 1, `[N, C, H, W]` */
  readonly slope: (x: Tensor) => Tensor;
}

/** What a name stands for. */
interface NamedSurrogate {
  /** Its number in the fused kernels (native/kernels/surrogate.h); without one it is a slope on the plain path. */
  readonly code?: number;
  readonly slope?: SurrogateFunction["slope"];
  /** The smooth function for x ≥ 0 whose derivative the surrogate is, 0 at 0; it goes on odd. */
  readonly primitive: (x: number) => number;
}

/**
 * A surrogate by its name, with x = u/ϑ − 1:
 *
 *     linear         dS/dx = 0.3·max(0, 1 − |x|)      Bellec et al. 2018, arXiv:1803.09574
 *     fast-sigmoid   dS/dx = 1/(100·|x| + 1)²         Zenke & Ganguli 2018, arXiv:1705.11146
 *     exponential    dS/dx = exp(−10·|x|)             Shrestha & Orchard 2018, arXiv:1810.08646
 *     pass-through   dS/dx = 1                        Bengio et al. 2013, arXiv:1308.3432
 */
export type SurrogateName = "linear" | "fast-sigmoid" | "exponential" | "pass-through";

const named = {
  linear: { code: 0, primitive: (x) => 0.3 * (x < 1 ? x - (x * x) / 2 : 0.5) },
  "fast-sigmoid": { code: 1, primitive: (x) => x / (100 * x + 1) },
  exponential: { code: 2, primitive: (x) => (1 - Math.exp(-10 * x)) / 10 },
  "pass-through": { code: 3, primitive: (x) => x },
} as const satisfies Readonly<Record<SurrogateName, NamedSurrogate>>;

const table: Readonly<Record<SurrogateName, NamedSurrogate>> = named;

/** One by its name, or one of your own. */
export type Surrogate = SurrogateName | SurrogateFunction;

/** The names that there are. */
export const surrogates = Object.keys(named) as SurrogateName[];

/** @throws OptionError unless it is a name that there is, or a name with a slope */
export function checkSurrogate(operation: string, surrogate: Surrogate): void {
  if (typeof surrogate !== "object" || surrogate === null) {
    checkOneOf(operation, "surrogate", surrogate, surrogates);
    return;
  }
  const { name, slope } = surrogate;
  if (typeof name !== "string" || name === "") refuse(operation, "surrogate.name", "a name", name);
  if (typeof slope === "function") return;
  refuse(
    operation,
    `the slope of surrogate ${name}`,
    "a function",
    slope,
    "no file keeps it: give it in the code",
  );
}

/** The number under which the fused kernels know a surrogate; `undefined` where they do not. */
function codeOf(surrogate: Surrogate): number | undefined {
  return typeof surrogate === "string" ? table[surrogate].code : undefined;
}

/** Why the fused kernels cannot compute a surrogate, as the end of a sentence; `undefined` if they can. @param surrogate - checked */
export function surrogateObstacle(surrogate: Surrogate): string | undefined {
  if (codeOf(surrogate) !== undefined) return undefined;
  const name = typeof surrogate === "string" ? surrogate : surrogate.name;
  return `no fused kernel knows its surrogate ${name}`;
}

/**
 * The number for the fused kernels.
 *
 * @throws OptionError for a surrogate that they do not know
 */
export function surrogateCode(operation: string, surrogate: Surrogate): number {
  checkSurrogate(operation, surrogate);
  const code = codeOf(surrogate);
  if (code !== undefined) return code;
  throw new OptionError(
    `${operation}: expected a surrogate of the fused kernels, received one they cannot compute: ` +
      `${surrogateObstacle(surrogate)}; use neuronSequence, which runs any`,
  );
}

/**
 * s = [x > 0] with the surrogate's gradient, on any device.
 *
 * @param x - u/ϑ − 1, any shape, floating point
 * @param surrogate - its dS/dx is what backward multiplies by
 * @returns 0 and 1, of the shape and type of `x`
 * @throws OptionError for an unknown surrogate
 */
export function spike(x: Tensor, surrogate: Surrogate): Tensor {
  checkSurrogate("spike", surrogate);
  const code = codeOf(surrogate);
  if (code !== undefined) return call("snnseg::spike", [x, code]);
  const { slope } = typeof surrogate === "string" ? table[surrogate] : surrogate;
  return customGradient((value) => toDType(gt(value, 0), value.dtype), slope!)(x);
}

/**
 * The smooth function whose derivative a surrogate is, with value 0 at 0: finite differences of it are what the
 * gradients are tested against.
 *
 * @param x - u/ϑ − 1
 * @param surrogate - by its name
 * @throws OptionError for an unknown surrogate
 */
export function surrogatePrimitive(x: number, surrogate: SurrogateName): number {
  checkOneOf("surrogatePrimitive", "surrogate", surrogate, surrogates);
  const value = table[surrogate].primitive(Math.abs(x));
  return x < 0 ? -value : value;
}
