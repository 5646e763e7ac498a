/** Predictions for a few chosen examples, with what people look at beside them. */
import type { SegmentationDataset, ViewedExample } from "../datasets/index.js";
import { argmax, noGrad, scope, toDType } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { infer, type SegmentationModel } from "../models/index.js";
import { type InputOptions, timedInputOf } from "./encode-input.js";
import { evaluationSeeds } from "./evaluation-seeds.js";

/** An example, and what a network says about it. */
export type PredictedExample = {
  /** The example as people look at it, with its truth. */
  readonly viewed: ViewedExample;
  /** The class of every pixel, `[H · W]` at the network's size. */
  readonly prediction: Uint8Array;
};

/**
 * Predicts examples by their numbers, with the Poisson spikes that an evaluation would draw for them.
 *
 * @param model - runs in evaluation mode; its mode is put back
 * @param dataset - the split that they are in
 * @param options - `indices` from 0, `input`: how they are fed, `seed` of Poisson spikes
 */
export async function predictExamples(
  model: SegmentationModel,
  dataset: SegmentationDataset,
  {
    indices,
    input,
    seed,
  }: { readonly indices: readonly number[]; readonly input: InputOptions; readonly seed: number },
): Promise<PredictedExample[]> {
  const wasTraining = model.training;
  model.setTraining(false);
  try {
    const predicted: PredictedExample[] = [];
    for (const index of indices) {
      const [example, viewed] = await Promise.all([
        dataset.read(index, { seed, epoch: 0 }),
        dataset.view(index),
      ]);
      const [height, width] = dataset.size;
      const frames = dataset.frames === 0 ? [] : [dataset.frames];
      const batch = {
        images: example.image as Float32Array<ArrayBuffer>,
        shape: [1, ...frames, dataset.channels, height, width],
        labels: example.label as Uint8Array<ArrayBuffer>,
        labelShape: [1, height, width] as const,
        ids: [example.id],
      };
      const prediction = scope("predict example", () =>
        noGrad(() => {
          const { logits } = infer(model, timedInputOf(batch, input, evaluationSeeds(seed, index)));
          return toDType(argmax(logits, 1), "uint8").toArray() as Uint8Array;
        }),
      );
      predicted.push({ viewed, prediction });
    }
    return predicted;
  } finally {
    model.setTraining(wasTraining);
  }
}

/**
 * The numbers of the examples with these ids, or of `count` examples spread over the split where none is named.
 *
 * @throws OptionError if an id is not in the split
 */
export function chosenExamples(
  dataset: SegmentationDataset,
  { ids, count }: { readonly ids: readonly string[]; readonly count: number },
): number[] {
  if (ids.length === 0) {
    const shown = Math.min(count, dataset.length);
    return Array.from({ length: shown }, (_, i) => Math.floor((i * dataset.length) / shown));
  }
  const indexOf = new Map(Array.from({ length: dataset.length }, (_, i) => [dataset.id(i), i]));
  return ids.map((id) => {
    const index = indexOf.get(id);
    if (index !== undefined) return index;
    throw new OptionError(
      `--examples: expected ids of split ${dataset.split} such as ${dataset.id(0)}, received ${id}; correct it`,
    );
  });
}
