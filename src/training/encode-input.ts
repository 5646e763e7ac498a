/** From a batch of a loader to what a network takes. */
import type { Config } from "../config/index.js";
import type { Batch } from "../datasets/index.js";
import { permute, rand, scope, stack, type Tensor, tensorFrom, toDevice } from "../engine/index.js";
import { poissonEncoding, type UniformSource } from "../neurons/index.js";
import { derive } from "../random/index.js";

/** The options that decide how an input is fed. */
export type InputOptions = Pick<Config, "model" | "encoding" | "timesteps" | "device">;

/**
 * The input of a batch: for an ANN and for direct coding the images `[N, C, H, W]`; for Poisson coding spikes, for
 * sequences their frames, both `[T, N, C, H, W]`.
 *
 * @param seedOf - the seed of the n-th example's Poisson spikes; nothing else of the batch decides them
 */
export function encodeInput(batch: Batch, options: InputOptions, seedOf: (n: number) => number): Tensor {
  return scope("encode input", () => {
    const images = tensorFrom(batch.images, batch.shape);
    return toDevice(encoded(images, options, seedOf), options.device);
  });
}

function encoded(
  images: Tensor,
  { model, encoding, timesteps }: InputOptions,
  seedOf: (n: number) => number,
): Tensor {
  if (images.shape.length === 5) return permute(images, [1, 0, 2, 3, 4]); // [N, T, …] → [T, N, …]
  if (model === "snn" && encoding === "poisson") {
    return poissonEncoding(images, timesteps, perExample(seedOf));
  }
  return images;
}

/** Draws every example's numbers from a seed of its own, so that they do not depend on the batch's size. */
function perExample(seedOf: (n: number) => number): UniformSource {
  return ([batch = 0, ...shape], timestep) =>
    stack(Array.from({ length: batch }, (_, n) => rand(shape, derive(seedOf(n), timestep))));
}
