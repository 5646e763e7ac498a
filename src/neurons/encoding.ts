/** Input coding: how a real-valued image becomes an input per timestep. */
import { checkInteger } from "../checks/index.js";
import { abs, le, mul, rand, scope, sign, stack, type Tensor, toDType } from "../engine/index.js";

/** Uniform numbers in [0, 1) of a shape for timestep t. */
export type UniformSource = (shape: readonly number[], timestep: number) => Tensor;

/** Numbers that depend only on `seed` and the timestep. */
export function seededUniform(seedOf: (timestep: number) => number): UniformSource {
  return (shape, timestep) => rand(shape, seedOf(timestep));
}

/**
 * Signed Poisson coding: at each timestep the value v emits sign(v) with probability min(|v|, 1).
 *
 *     s[t] = sign(v) if r ≤ |v|, else 0,   r uniform in [0, 1)
 *
 * @param image - `[N, C, H, W]`
 * @returns spikes in {−1, 0, 1}, `[T, N, C, H, W]`
 * @throws OptionError unless `timesteps` is an integer of 1 or more
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
