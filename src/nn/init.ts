/** Initial weights. `fanIn` and `fanOut` are channels of a group times kernel area. */
import { checkOneOf } from "../checks/index.js";
import { mul, rand, randn, scope, sub, type Tensor, zeros } from "../engine/index.js";

/** Ways to draw initial weights; {@link initialWeights} has their formulas. */
export const inits = ["xavier", "kaiming", "glorot"] as const;
/** One of {@link inits}. */
export type Init = (typeof inits)[number];

/**
 * Initial weights of a convolution `[A, B, kh, kw]`; 0 without a seed, for weights that are going to be loaded.
 *
 * - `xavier`: uniform in ±gain·sqrt(6 / (fanIn + fanOut)), gain 2 (Glorot & Bengio 2010)
 * - `glorot`: the same with gain 1, and fanOut = A·kh·kw of any number of groups, as PyTorch's `xavier_uniform_`
 * - `kaiming`: normal with standard deviation sqrt(2 / fanIn) (He et al. 2015, arXiv:1502.01852)
 *
 * @param shape - `[A, B, kh, kw]`: fanIn = B·kh·kw, fanOut = A·kh·kw / groups
 * @param init - `xavier`, `kaiming` or `glorot`
 * @param seed - an integer from 0 to 2⁵³ − 1
 * @param groups - of the convolution (default 1)
 * @returns float32 on the CPU
 * @throws OptionError for an unknown `init` or a seed that is none
 */
export function initialWeights(
  shape: readonly number[],
  init: Init,
  seed: number | undefined,
  groups = 1,
): Tensor {
  checkOneOf("initialWeights", "init", init, inits);
  if (seed === undefined) return zeros(shape);
  const [outputs = 1, inputs = 1, ...kernel] = shape;
  const area = kernel.reduce((product, size) => product * size, 1);
  const fanIn = inputs * area;
  const fanOut = (outputs * area) / (init === "glorot" ? 1 : groups);
  return scope("initial weights", () => {
    if (init === "kaiming") return mul(randn(shape, seed), Math.sqrt(2 / fanIn));
    const bound = (init === "glorot" ? 1 : 2) * Math.sqrt(6 / (fanIn + fanOut));
    return mul(sub(rand(shape, seed), 0.5), 2 * bound);
  });
}
