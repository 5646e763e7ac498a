/** Input coding: how a real-valued image becomes an input per timestep. */
import { checkInteger } from "../checks/index.js";
import { abs, le, mul, rand, scope, sign, stack, type Tensor, toDType } from "../engine/index.js";

/**
 * A source of uniform numbers in [0, 1), the same at every call with the same arguments.
 *
 * @param shape - `[N, C, H, W]`, that of the images
 * @param timestep - from 0
 */
export type UniformSource = (shape: readonly number[], timestep: number) => Tensor;

/**
 * Numbers that depend on nothing but the timestep's seed.
 *
 * @param seedOf - timestep to seed, an integer from 0 to 2⁵³ − 1; different ones give unrelated numbers
 */
export function seededUniform(seedOf: (timestep: number) => number): UniformSource {
  return (shape, timestep) => rand(shape, seedOf(timestep));
}

/**
 * Signed Poisson coding: at each timestep the value v emits sign(v) with probability min(|v|, 1).
 *
 *     s[t] = sign(v) if r ≤ |v|, else 0,   r uniform in [0, 1)
 *
 * @param image - v, `[N, C, H, W]` float32; magnitudes above 1 count as 1
 * @param timesteps - T
 * @param uniform - r; {@link seededUniform} makes one
 * @returns spikes in {−1, 0, 1}, `[T, N, C, H, W]`
 * @throws OptionError unless `timesteps` is an integer of 1 or more
 * @example
 * ```ts
 * import { scope, tensorFrom } from "snnseg";
 * import { poissonEncoding, seededUniform } from "snnseg/neurons";
 * import { mean } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const image = tensorFrom(Float32Array.of(0.2, -0.8), [1, 1, 1, 2]);
 *   const spikes = poissonEncoding(image, 1000, seededUniform((t) => t));
 *   console.log(mean(spikes, [0]).toNumbers()); // near [0.2, −0.8]
 * });
 * ```
 */
export function poissonEncoding(image: Tensor, timesteps: number, uniform: UniformSource): Tensor {
  checkInteger("poissonEncoding", "timesteps", timesteps);
  return scope("poisson encoding", () => {
    const magnitude = abs(image);
    const signs = sign(image);
    const frames: Tensor[] = [];
    for (let t = 0; t < timesteps; t++) {
      const fires = toDType(le(uniform(image.shape, t), magnitude), "float32");
      frames.push(mul(fires, signs));
    }
    return stack(frames);
  });
}
