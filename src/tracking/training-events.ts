/** A training run as TensorBoard sees it: losses, rates and scores over epochs, distributions of weights and rates. */
import { EventFile } from "./event-file.js";
import { type Histogram, histogramOf } from "./histogram.js";

/** The part of an epoch's record that is logged. */
export interface LoggedEpoch {
  readonly epoch: number;
  readonly loss: number;
  readonly lr: number;
  /** Spikes per neuron and example, by layer. */
  readonly rates: Readonly<Record<string, number>>;
  readonly time: { readonly imagesPerSecond: number };
}

/** The part of an evaluation's record that is logged. */
export interface LoggedEvaluation {
  readonly epoch: number;
  readonly loss: number;
  readonly meanIoU: number;
  readonly pixelAccuracy: number;
  readonly perClassIoU: readonly (number | null)[];
  readonly rates: Readonly<Record<string, number>>;
}

/** What the events take from the run. */
export interface LoggedRun {
  readonly classes: readonly string[];
  /** The weights as they are now, by name. */
  readonly weights: () => Iterable<readonly [name: string, values: ArrayLike<number>]>;
}

/**
 * Writes what it is told to an event file, in order. Its methods return at once; {@link TrainingEvents.close} waits
 * and throws what went wrong.
 */
export class TrainingEvents {
  readonly #file: EventFile;
  readonly #run: LoggedRun;
  #written: Promise<void> = Promise.resolve();

  private constructor(file: EventFile, run: LoggedRun) {
    this.#file = file;
    this.#run = run;
  }

  /** @param folder - where the event file goes */
  static async create(folder: string, run: LoggedRun): Promise<TrainingEvents> {
    return new TrainingEvents(await EventFile.create(folder), run);
  }

  epochDone({ epoch, loss, lr, rates, time }: LoggedEpoch): void {
    this.#scalars(epoch, {
      "loss/train": loss,
      "learning rate": lr,
      "images per second": time.imagesPerSecond,
      ...prefixed("spike rate, train/", rates),
    });
  }

  evaluated({ epoch, loss, meanIoU, pixelAccuracy, perClassIoU, rates }: LoggedEvaluation): void {
    const classes = perClassIoU.flatMap((iou, k) =>
      iou === null ? [] : [[`IoU/${this.#run.classes[k]}`, iou] as const],
    );
    this.#scalars(epoch, {
      "loss/evaluation": loss,
      "mean IoU": meanIoU,
      "pixel accuracy": pixelAccuracy,
      ...Object.fromEntries(classes),
      ...prefixed("spike rate, evaluation/", rates),
    });
    // Now, as the next step changes the weights.
    const histograms = Array.from(this.#run.weights(), ([name, values]): [string, Histogram] => [
      `weights/${name}`,
      histogramOf(values),
    ]);
    if (Object.keys(rates).length > 0) histograms.push(["spike rates", histogramOf(Object.values(rates))]);
    this.#then(async () => {
      for (const [tag, histogram] of histograms) await this.#file.histogram(tag, histogram, epoch);
    });
  }

  /** A PNG picture, such as predictions beside their truth. */
  picture(tag: string, png: Uint8Array, epoch: number): void {
    // A PNG file says its size in its first chunk.
    const view = new DataView(png.buffer, png.byteOffset);
    const [width, height] = [view.getUint32(16), view.getUint32(20)];
    this.#then(() => this.#file.image(tag, { png, width, height }, epoch));
  }

  /** Waits until everything is written. */
  async close(): Promise<void> {
    try {
      await this.#written;
    } finally {
      await this.#file.close();
    }
  }

  #scalars(step: number, values: Readonly<Record<string, number>>): void {
    this.#then(async () => {
      for (const [tag, value] of Object.entries(values)) await this.#file.scalar(tag, value, step);
    });
  }

  #then(write: () => Promise<void>): void {
    this.#written = this.#written.then(write);
    // The error is kept for close(); meanwhile nobody else asks for it.
    this.#written.catch(() => undefined);
  }
}

function prefixed(prefix: string, values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]));
}
