/** From a batch of a loader to what a network takes. */
import type { Config } from "../config/index.js";
import type { Batch } from "../datasets/index.js";
import { permute, scope, type Tensor, tensorFrom, toDevice } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  type ForwardNetwork,
  type FrameSource,
  perExampleUniform,
  poissonFrames,
  storedFrames,
  type TimedInput,
} from "../models/index.js";

/** The options that decide how an input is fed. */
export type InputOptions = Pick<Config, "model" | "encoding" | "timesteps" | "device">;

/**
 * How a network is fed: as `given`, else with direct coding on the CPU, for as many timesteps as it has.
 *
 * @throws OptionError if Poisson coding is asked for of a network that does not spike
 */
export function inputOf({ config }: ForwardNetwork, given: Partial<InputOptions> = {}): InputOptions {
  const known =
    config?.kind === "snn"
      ? { model: config.kind, timesteps: config.timesteps }
      : ({ model: "ann", timesteps: 1 } as const);
  if (given.encoding === "poisson" && given.model === undefined && known.model === "ann") {
    throw new OptionError(
      `evaluate: expected a spiking network for Poisson coding, received ${config === undefined ? "one without a config" : "an ANN"}; ` +
        "leave encoding out, or say model and timesteps",
    );
  }
  return { encoding: "direct", device: "cpu", ...known, ...given };
}

/**
 * The input of a batch: for an ANN and for direct coding the images `[N, C, H, W]`; for Poisson coding spikes, for
 * sequences their frames, both `[T, N, C, H, W]`.
 *
 * @param batch - of a loader; read, never written
 * @param options - kind of network, coding, timesteps T and device
 * @param seedOf - the seed of the n-th example's Poisson spikes; nothing else of the batch decides them
 * @example
 * import { createLoader, defineDataset, encodeInput, scope } from "snnseg";
 *
 * const read = () => ({ image: new Uint8Array(3 * 64).fill(200), label: new Uint8Array(64) });
 * const dataset = defineDataset({ classes: ["ground", "cell"], size: [8, 8], length: 4, read });
 * const loader = await createLoader(dataset, { batchSize: 2 });
 * for await (const batch of loader.batches(0)) {
 *   const input = { model: "snn", encoding: "poisson", timesteps: 5, device: "cpu" } as const;
 *   scope("encode", () => console.log(encodeInput(batch, input, (n) => n).shape)); // [5, 2, 3, 8, 8]
 * }
 * await loader.close();
 */
export function encodeInput(batch: Batch, options: InputOptions, seedOf: (n: number) => number): Tensor {
  return scope("encode input", () => {
    const { frames, timesteps } = timedInputOf(batch, options, seedOf);
    return frames(0, timesteps);
  });
}

/** The input of {@link encodeInput} piece by piece; it lives as long as the scope that it was made in. */
export function timedInputOf(
  batch: Batch,
  { model, encoding, timesteps, device }: InputOptions,
  seedOf: (n: number) => number,
): TimedInput {
  const images = tensorFrom(batch.images, batch.shape);
  if (batch.shape.length === 5) {
    const timeFirst = permute(images, [1, 0, 2, 3, 4]); // [N, T, …] → [T, N, …]
    const stored = storedFrames(timeFirst);
    const frames: FrameSource = (first, count) =>
      scope("frames", () => toDevice(stored(first, count), device));
    return { frames, timesteps: timeFirst.shape[0] ?? 0 };
  }
  const whole = toDevice(images, device);
  if (model === "snn" && encoding === "poisson") {
    return { frames: poissonFrames(whole, perExampleUniform(seedOf, device)), timesteps };
  }
  return { frames: () => whole, timesteps: model === "snn" ? timesteps : 1 };
}
