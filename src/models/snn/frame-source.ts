/** What a spiking network is fed timestep by timestep, made piecewise so that long runs need little memory. */
import { expand, narrow, randOnDevice, scope, stack, type Tensor, unsqueeze } from "../../engine/index.js";
import { poissonEncoding, type UniformSource } from "../../neurons/index.js";
import { derive } from "../../random/index.js";

/**
 * Frames `first … first + count − 1` of a batch, the same at every call: `[count, N, C, H, W]`, or `[N, C, H, W]`
 * where all are alike.
 *
 * @param first - timestep, from 0
 * @param count - 1 or more
 */
export type FrameSource = (first: number, count: number) => Tensor;

/** What a network is fed over all its timesteps. */
export interface TimedInput {
  /** Asked for in chunks, in the order of time. */
  readonly frames: FrameSource;
  /** T. */
  readonly timesteps: number;
}

/** Frames that are there already. @param frames - `[T, N, C, H, W]`; must outlive the source */
export function storedFrames(frames: Tensor): FrameSource {
  return (first, count) => narrow(frames, 0, first, count);
}

/** The image itself at every timestep (direct coding). @param images - `[N, C, H, W]`; must outlive the source */
export function directFrames(images: Tensor): FrameSource {
  return (_, count) => scope("direct frames", () => expand(unsqueeze(images, 0), [count, ...images.shape]));
}

/**
 * Poisson spikes, as `poissonEncoding` makes them.
 *
 * @param images - `[N, C, H, W]`; must outlive the source
 * @param uniform - asked for timesteps of the whole run, so chunks do not change the spikes
 */
export function poissonFrames(images: Tensor, uniform: UniformSource): FrameSource {
  return (first, count) => poissonEncoding(images, count, (shape, t) => uniform(shape, first + t));
}

/**
 * Uniform numbers of which every example draws its own, whatever batch it is in.
 *
 * @param seedOf - index in the batch to seed, an integer from 0 to 2⁵³ − 1
 * @param device - where the images are, which draws them itself: a GPU's numbers are others than the CPU's (default)
 */
export function perExampleUniform(seedOf: (n: number) => number, device = "cpu"): UniformSource {
  const draw = (shape: readonly number[], seed: number) => randOnDevice(shape, seed, { device });
  return ([batch = 0, ...shape], timestep) =>
    scope("uniform numbers", () =>
      stack(Array.from({ length: batch }, (_, n) => draw(shape, derive(seedOf(n), timestep)))),
    );
}
