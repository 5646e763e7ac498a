/**
 * Reading out before the last timestep: scores after every timestep, and what a network that stops when it is sure
 * would get with how many timesteps.
 */
import type { Batch } from "../datasets/index.js";
import { argmax, expand, narrow, noGrad, scope, splitFirst, type Tensor, toDType } from "../engine/index.js";
import { addCounts, countImage, emptyCounts, type ImageCounts, meanIoUOf } from "../metrics/index.js";
import { type SnnModel, SpikingState } from "../models/index.js";
import { confidences } from "./confidences.js";

export interface AnytimeCurve {
  /** Mean IoU when reading out after timestep 1, 2, … T. */
  readonly meanIoU: readonly number[];
  /** Per confidence: an image's timesteps end once the mean confidence of its pixels reaches it. */
  readonly exits: readonly {
    readonly confidence: number;
    readonly meanIoU: number;
    readonly meanTimesteps: number;
  }[];
}

const exitConfidences = [0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99] as const;

/** Adds up batches; the network runs them once more, timestep by timestep. */
export class Anytime {
  readonly #model: SnnModel;
  /** Per timestep, per image. */
  readonly #counts: ImageCounts[][];
  readonly #sureness: number[][];

  constructor(model: SnnModel) {
    this.#model = model;
    const { timesteps } = model.config;
    this.#counts = Array.from({ length: timesteps }, () => []);
    this.#sureness = Array.from({ length: timesteps }, () => []);
  }

  /** @param input - as for `forward`: `[T, N, C, H, W]`, or `[N, C, H, W]` fed unchanged */
  add(batch: Batch, input: Tensor): void {
    const model = this.#model;
    const { timesteps, numClasses } = model.config;
    const [, height, width] = batch.labelShape;
    const pixels = height * width;
    noGrad(() =>
      scope("anytime", () => {
        using state = new SpikingState();
        const frames =
          input.shape.length === 5 ? input : expand(splitFirst(input, 1), [timesteps, ...input.shape]);
        for (let t = 0; t < timesteps; t++) {
          const { predictions, confidence } = scope("timestep", () => {
            model.advance(narrow(frames, 0, t, 1), state);
            const logits = model.readOut(state, [height, width]);
            return {
              predictions: toDType(argmax(logits, 1), "uint8").toArray() as Uint8Array,
              confidence: confidences(logits),
            };
          });
          for (let n = 0; n < batch.ids.length; n++) {
            const image = [n * pixels, (n + 1) * pixels] as const;
            this.#counts[t]!.push(
              countImage(batch.labels.subarray(...image), predictions.subarray(...image), numClasses),
            );
            const sure = confidence.subarray(...image).reduce((sum, p) => sum + p, 0) / pixels;
            this.#sureness[t]!.push(sure);
          }
        }
      }),
    );
  }

  curve(): AnytimeCurve {
    const { timesteps, numClasses } = this.#model.config;
    const images = this.#counts[0]?.length ?? 0;
    return {
      meanIoU: this.#counts.map((counts) => {
        const total = emptyCounts(numClasses);
        for (const image of counts) addCounts(total, image);
        return meanIoUOf(total);
      }),
      exits: exitConfidences.map((confidence) => {
        const total = emptyCounts(numClasses);
        let steps = 0;
        for (let i = 0; i < images; i++) {
          const sure = this.#sureness.findIndex((perImage) => perImage[i]! >= confidence);
          const end = sure < 0 ? timesteps - 1 : sure;
          addCounts(total, this.#counts[end]![i]!);
          steps += end + 1;
        }
        return { confidence, meanIoU: meanIoUOf(total), meanTimesteps: images > 0 ? steps / images : 0 };
      }),
    };
  }
}
