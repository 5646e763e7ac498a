/** Everything that single images' predictions say: intervals, boundaries, calibration, the best and the worst image. */
import type { Batch } from "../datasets/index.js";
import {
  BoundaryIoU,
  bootstrapIoU,
  Calibration,
  type CalibrationBin,
  countImage,
  type ImageCounts,
  type IoUIntervals,
  meanIoUOf,
} from "../metrics/index.js";

/** Scores beyond the confusion matrix. */
export interface Quality {
  /** 95 % intervals over images. */
  readonly intervals: IoUIntervals;
  readonly boundaryIoU: number;
  readonly boundaryIoUPerClass: readonly (number | null)[];
  readonly calibrationError: number;
  readonly calibration: readonly CalibrationBin[];
  /** Every image's mean IoU, in the split's order. */
  readonly images: readonly { readonly id: string; readonly meanIoU: number }[];
}

/** Adds up batches. */
export class ImageScores {
  readonly #numClasses: number;
  readonly #boundary: BoundaryIoU;
  readonly #calibration = new Calibration();
  readonly #ids: string[] = [];
  readonly #counts: ImageCounts[] = [];

  constructor(numClasses: number) {
    this.#numClasses = numClasses;
    this.#boundary = new BoundaryIoU(numClasses);
  }

  /** @param confidence - probability of the predicted class, `[N, H, W]` like the predictions */
  add(batch: Batch, predictions: Uint8Array, confidence: Float32Array): void {
    const [, height, width] = batch.labelShape;
    const pixels = height * width;
    this.#calibration.add(batch.labels, predictions, confidence);
    for (const [n, id] of batch.ids.entries()) {
      const truth = batch.labels.subarray(n * pixels, (n + 1) * pixels);
      const prediction = predictions.subarray(n * pixels, (n + 1) * pixels);
      this.#ids.push(id);
      this.#counts.push(countImage(truth, prediction, this.#numClasses));
      this.#boundary.add(truth, prediction, [height, width]);
    }
  }

  /** The counts of every image so far. */
  get counts(): readonly ImageCounts[] {
    return this.#counts;
  }

  /** @param seed - of the resampling */
  quality(seed: number): Quality {
    return {
      intervals: bootstrapIoU(this.#counts, { seed }),
      boundaryIoU: this.#boundary.mean,
      boundaryIoUPerClass: this.#boundary.perClass,
      calibrationError: this.#calibration.error,
      calibration: this.#calibration.bins(),
      images: this.#ids.map((id, i) => ({ id, meanIoU: meanIoUOf(this.#counts[i]!) })),
    };
  }
}
