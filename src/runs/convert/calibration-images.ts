/** Calibration images of the training split, and what the spiking network sees of a batch. */
import type { Config } from "../../config/index.js";
import type { CalibrationBatch } from "../../conversion/index.js";
import { createLoader, type SegmentationDataset } from "../../datasets/index.js";
import { keep, scope, type Tensor, tensorFrom, toDevice } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { sha256 } from "../../files/index.js";
import {
  directFrames,
  type FrameSource,
  type ModelConfig,
  perExampleUniform,
  poissonFrames,
} from "../../models/index.js";
import { type PoissonLoss, poissonLoss } from "../../neurons/index.js";
import { derive } from "../../random/index.js";
import { datasetSpecOf, splitsOf } from "../../training/index.js";

/** Batches in memory; the owner disposes them. */
export interface CalibrationImages extends Disposable {
  readonly batches: readonly CalibrationBatch[];
  readonly examples: number;
  readonly poissonLoss: PoissonLoss;
  readonly origin: CalibrationOrigin;
}

/** Which images a conversion has seen. */
export type CalibrationOrigin = {
  /** Name of the data set. */
  readonly dataset: string;
  /** The training split. */
  readonly split: string;
  /** Of the order in which examples were drawn. */
  readonly seed: number;
  /** How many were seen. */
  readonly examples: number;
  /** Digest of all prepared images. */
  readonly sha256: string;
};

type InputConfig = Pick<Config, "encoding" | "seed">;

/** Draws `count` shuffled batches of the training split, without augmentation, onto the device. */
export async function readCalibrationImages(config: Config, count: number): Promise<CalibrationImages> {
  const { batchSize, seed, workers } = config;
  const split = splitsOf(config).train;
  await using loader = await createLoader(datasetSpecOf(config), {
    split,
    batchSize,
    shuffle: true,
    seed,
    workers,
  });
  const batches: CalibrationBatch[] = [];
  const digests: string[] = [];
  let examples = 0;
  let cut = poissonLoss(new Float32Array());
  for await (const batch of loader.batches(0)) {
    if (batches.length >= count) break;
    const images = keep(
      scope("images", () => toDevice(tensorFrom(batch.images, batch.shape), config.device)),
    );
    batches.push({ images, frames: framesOf(images, config, { purpose: "calibrate", first: examples }) });
    cut = poissonLoss(batch.images, cut);
    const { buffer, byteOffset, byteLength } = batch.images;
    digests.push(sha256(new Uint8Array(buffer, byteOffset, byteLength)));
    examples += batch.ids.length;
  }
  const dataset = loader.dataset.name;
  return {
    batches,
    examples,
    poissonLoss: cut,
    origin: { dataset, split, seed, examples, sha256: sha256(digests.join()) },
    [Symbol.dispose]() {
      for (const { images } of batches) images.dispose();
    },
  };
}

/**
 * The frames of images under a coding; Poisson spikes depend on the seed and the example's number alone.
 *
 * @param first - number of the first image's example
 */
export function framesOf(
  images: Tensor,
  { encoding, seed }: InputConfig,
  { purpose, first }: { readonly purpose: "calibrate" | "evaluate"; readonly first: number },
): FrameSource {
  if (encoding === "direct") return directFrames(images);
  return poissonFrames(
    images,
    perExampleUniform((n) => derive(seed, purpose, first + n), images.device),
  );
}

/** @throws OptionError if the data set is not of the kind that the network was trained on */
export function checkDataset(
  { inputChannels, numClasses }: ModelConfig,
  dataset: SegmentationDataset,
  file: string,
): void {
  const [channels, classes] = [dataset.channels, dataset.classes.length];
  if (dataset.frames > 0 || channels !== inputChannels || classes !== numClasses) {
    throw new OptionError(
      `convert ${file}: expected a data set of still images with ${inputChannels} channels and ` +
        `${numClasses} classes, received ${dataset.name} with ${channels} and ${classes}; check --root`,
    );
  }
}
