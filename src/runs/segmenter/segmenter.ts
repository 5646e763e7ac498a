/** A trained network that segments pictures and recordings, in a thread of its own. */
import type { EventFileOptions } from "../../events/index.js";
import type { Rgb, RgbImage } from "../../images/index.js";
import type { ComputePrecision } from "../../inference/index.js";
import { JobThread, threadScript } from "../../threads/index.js";
import type { GivenOptions } from "../open-run.js";
import { Prediction, WindowPrediction } from "./prediction.js";
import type { Description, LabelledWindow, SegmenterJob, SegmenterSetup } from "./segmenter-messages.js";

/** Which checkpoint, and how its network answers. */
export interface SegmenterOptions {
  /** Unless given, `fast` of spiking networks on the fused kernels, `fp32` of all others. */
  readonly precision?: ComputePrecision;
  /** Of a run folder, the last checkpoint instead of the best (default false). */
  readonly last?: boolean;
  /** Threads that one operator may use (default: as many as processors). */
  readonly threads?: number;
  /** Options of the run that are to be others than in training, such as `timesteps`. */
  readonly options?: GivenOptions;
}

/** How a recording is read and answered about. */
export interface StreamOptions {
  /** Of a network on frame sequences: membranes go on from window to window (default false). */
  readonly carry?: boolean;
  /** What the recording does not say about itself. */
  readonly reading?: EventFileOptions;
}

/**
 * Answers about pictures, one after the other, in a thread of its own: the event loop stays free meanwhile. The network stays open
 * until `close()`; a segmenter without work does not keep the process alive.
 */
export class Segmenter implements AsyncDisposable {
  /** The checkpoint's file. */
  readonly file: string;
  /** Names of the classes. */
  readonly classes: readonly string[];
  /** A colour for each class, 0 … 255: the data set's, else of a palette. */
  readonly colors: readonly Rgb[];
  /** Of a spiking network; 1 of an ANN. */
  readonly timesteps: number;
  /** What is really computed in. */
  readonly precision: ComputePrecision;
  readonly #thread: JobThread<SegmenterJob, unknown>;
  #streams = 0;

  /** Use {@link loadSegmenter}. @internal */
  constructor(thread: JobThread<SegmenterJob, unknown>, description: Description) {
    this.#thread = thread;
    this.file = description.file;
    this.classes = description.classes;
    this.colors = description.colors;
    this.timesteps = description.timesteps;
    this.precision = description.precision;
  }

  /**
   * The class of every pixel of a picture, the same as `snnseg predict` writes.
   *
   * @param picture - a file's path, its bytes (JPEG, PNG, WebP, TIFF, GIF), or RGB `[H, W, 3]`
   * @throws FileError if it cannot be read, DataFormatError if it is no picture
   */
  async predict(picture: string | Uint8Array | RgbImage): Promise<Prediction> {
    const answer = await this.#thread.run({ kind: "picture", picture });
    return new Prediction(answer as LabelledWindow, this);
  }

  /**
   * The classes at the end of each window of an event recording, as they are found; for networks on event frames.
   *
   * @param recording - a file's path
   * @param options - default: every window for itself
   * @throws OptionError if the network cannot answer as asked, FileError or DataFormatError if the recording cannot be read
   */
  async *stream(recording: string, options: StreamOptions = {}): AsyncGenerator<WindowPrediction> {
    const { carry = false, reading = {} } = options;
    const stream = this.#streams++;
    await this.#thread.run({ kind: "open", stream, recording, carry, reading });
    try {
      while (true) {
        const window = (await this.#thread.run({ kind: "next", stream })) as LabelledWindow | undefined;
        if (window === undefined) return;
        yield new WindowPrediction(window, this);
      }
    } finally {
      await this.#thread.run({ kind: "end", stream });
    }
  }

  /** Frees the network, after what was asked before. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  /** {@link close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Opens a trained network to ask it.
 *
 * @param path - a run folder, whose best checkpoint is taken, its number in the list of runs, or a checkpoint file
 * @param options - default: the best checkpoint, with the options of its training
 * @throws FileError if there is none, DataFormatError if it is damaged or not one of a run, OptionError if an option is wrong
 * @example
 * // not run: needs a run folder
 * import { loadSegmenter } from "snnseg";
 *
 * const segmenter = await loadSegmenter("runs/my-snn");
 * const { mask, shares, width, height } = await segmenter.predict("photo.jpg");
 * console.log(mask.length === width * height, shares);
 * await segmenter.close();
 */
export async function loadSegmenter(
  path: string,
  { precision, last, threads, options = {} }: SegmenterOptions = {},
): Promise<Segmenter> {
  const setup: SegmenterSetup = {
    ...{ path, last, precision },
    options: threads === undefined ? options : { ...options, threads },
  };
  const thread = new JobThread<SegmenterJob, unknown>(threadScript("runs/segmenter/segmenter-thread"), setup);
  try {
    return new Segmenter(thread, (await thread.run({ kind: "describe" })) as Description);
  } catch (error) {
    await thread.close();
    throw error;
  }
}
