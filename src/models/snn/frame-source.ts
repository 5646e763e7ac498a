/** What a spiking network is fed timestep by timestep, made piecewise so that long runs need little memory. */
import { expand, narrow, rand, scope, stack, type Tensor, unsqueeze } from "../../engine/index.js";
import { poissonEncoding, type UniformSource } from "../../neurons/index.js";
import { derive } from "../../random/index.js";

/**
 * Frames `first … first + count − 1` of a batch, the same at every call: `[count, N, C, H, W]`, or `[N, C, H, W]`
 * where all are alike.
 */
export type FrameSource = (first: number, count: number) => Tensor;

/** What a network is fed over all its timesteps. */
export interface TimedInput {
  readonly frames: FrameSource;
  readonly timesteps: number;
}

/** Frames that are there already, `[T, N, C, H, W]`. */
export function storedFrames(frames: Tensor): FrameSource {
  return (first, count) => narrow(frames, 0, first, count);
}

/** The image `[N, C, H, W]` itself at every timestep (direct coding). */
export function directFrames(images: Tensor): FrameSource {
  return (_, count) => scope("direct frames", () => expand(unsqueeze(images, 0), [count, ...images.shape]));
}

/** Poisson spikes of `images` `[N, C, H, W]`. */
export function poissonFrames(images: Tensor, uniform: UniformSource): FrameSource {
  return (first, count) => poissonEncoding(images, count, (shape, t) => uniform(shape, first + t));
}

/** Uniform numbers of which every example draws its own: the n-th those of the seed `seedOf(n)`. */
export function perExampleUniform(seedOf: (n: number) => number): UniformSource {
  return ([batch = 0, ...shape], timestep) =>
    scope("uniform numbers", () =>
      stack(Array.from({ length: batch }, (_, n) => rand(shape, derive(seedOf(n), timestep)))),
    );
}
