/**
 * Surrogate gradients: what backward uses for the derivative of the spike s = [x > 0], x = u/ϑ − 1.
 *
 * | name | dS/dx |
 * |---|---|
 * | `linear` | 0.3·max(0, 1 − \|x\|) (Bellec et al. 2018, arXiv:1803.09574) |
 * | `fast-sigmoid` | 1/(100·\|x\| + 1)² (Zenke & Ganguli 2018, arXiv:1705.11146) |
 * | `exponential` | exp(−10·\|x\|) (Shrestha & Orchard 2018, arXiv:1810.08646) |
 * | `pass-through` | 1 (Bengio et al. 2013, arXiv:1308.3432) |
 */
import { checkOneOf } from "../checks/index.js";
import { call, type Tensor } from "../engine/index.js";

export const surrogates = ["linear", "fast-sigmoid", "exponential", "pass-through"] as const;
export type Surrogate = (typeof surrogates)[number];

/** The number under which the native operators know a surrogate. @throws OptionError for a name that is none */
export function surrogateCode(surrogate: Surrogate): number {
  const code = surrogates.indexOf(surrogate);
  if (code < 0) checkOneOf("neurons", "surrogate", surrogate, surrogates);
  return code;
}

/** s = [x > 0] with the surrogate's gradient, on any device. @throws OptionError for an unknown surrogate */
export function spike(x: Tensor, surrogate: Surrogate): Tensor {
  return call("snnseg::spike", [x, surrogateCode(surrogate)]);
}

/**
 * The smooth function whose derivative a surrogate is, with value 0 at 0: finite differences of it are what the
 * gradients are tested against.
 *
 * @throws OptionError for an unknown surrogate
 */
export function surrogatePrimitive(x: number, surrogate: Surrogate): number {
  checkOneOf("surrogatePrimitive", "surrogate", surrogate, surrogates);
  const a = Math.abs(x);
  const odd = (value: number) => (x < 0 ? -value : value);
  switch (surrogate) {
    case "linear":
      return odd(0.3 * (a < 1 ? a - (a * a) / 2 : 0.5));
    case "fast-sigmoid":
      return odd(a / (100 * a + 1));
    case "exponential":
      return odd((1 - Math.exp(-10 * a)) / 10);
    case "pass-through":
      return x;
  }
}
