/** Scores at the masks' own size, as the field reports them, counted beside those at the network's size. */
import type { Batch, Loader, ViewedExample } from "../datasets/index.js";
import { narrow, scope, type Tensor } from "../engine/index.js";
import type { LabelPixel } from "../images/index.js";
import {
  ConfusionMatrix,
  commonestClass,
  constantPredictionScores,
  type Scores,
  scoresOf,
} from "../metrics/index.js";
import { enlargedLabels } from "./enlarged-labels.js";

/** What {@link FullSizeScores} finds. */
export interface FullSizeResult extends Scores {
  /** Of the majority-class baseline: the training split's commonest class everywhere. */
  readonly baselineMeanIoU: number;
  /** Of the same baseline. */
  readonly baselinePixelAccuracy: number;
}

/** Enlarges the scores of an evaluation's batches, in their order, and compares them with the masks as stored. */
export class FullSizeScores {
  readonly #matrix: ConfusionMatrix;
  readonly #loader: Loader;
  readonly #labelPixel: LabelPixel;
  #truths: readonly ViewedExample[] = [];
  #read = 0;

  /**
   * @param loader - of the evaluation; read its batches through `loader` of the scores
   * @param options - `labelPixel`: how the network's labels were reduced
   */
  constructor(loader: Loader, { labelPixel }: { readonly labelPixel: LabelPixel }) {
    this.#loader = loader;
    this.#labelPixel = labelPixel;
    this.#matrix = new ConfusionMatrix(loader.dataset.classes.length);
  }

  /** The loader to evaluate with: it reads the masks of every batch before handing it out. */
  get loader(): Loader {
    const inner = this.#loader;
    const read = async ({ ids }: Batch) => {
      this.#truths = await Promise.all(ids.map((_, n) => inner.dataset.stored(this.#read + n)));
      this.#read += ids.length;
    };
    return {
      ...inner,
      async *batches(epoch, options) {
        for await (const batch of inner.batches(epoch, options)) {
          await read(batch);
          yield batch;
        }
      },
    };
  }

  /**
   * Counts a batch. To be the evaluation's `onLogits`.
   *
   * @param _ - the batch that was read last
   * @param logits - `[N, K, H, W]` at the network's size
   */
  readonly add = (_: Batch, logits: Tensor): void => {
    for (const [n, { size, label }] of this.#truths.entries()) {
      const region = this.#loader.dataset.regionOf(size);
      const options = { size, region, labelPixel: this.#labelPixel };
      const { data } = scope("full size", () => enlargedLabels(narrow(logits, 0, n, 1), options));
      this.#matrix.add(label, data);
    }
  };

  /**
   * Scores of all batches so far.
   *
   * @param trainPixels - pixels per class of the training split, for the baseline
   */
  result(trainPixels: ArrayLike<number>): FullSizeResult {
    const baseline = constantPredictionScores(this.#matrix.truePixels(), commonestClass(trainPixels));
    return {
      ...scoresOf(this.#matrix),
      baselineMeanIoU: baseline.meanIoU,
      baselinePixelAccuracy: baseline.pixelAccuracy,
    };
  }
}
