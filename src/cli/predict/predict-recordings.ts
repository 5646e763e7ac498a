/** Classes of event recordings, window by window. */
import { join } from "node:path";
import { type EventDatasetSpec, openRecordingFrames, type RecordingFrame } from "../../datasets/index.js";
import { scope } from "../../engine/index.js";
import { OptionError, SnnsegError } from "../../errors.js";
import { describeSkipped, type EventFileOptions, findRecordings, type Skipped } from "../../events/index.js";
import { makeFolder } from "../../files/index.js";
import type { LabelMap, Size } from "../../images/index.js";
import { SpikingState } from "../../models/index.js";
import { eventImage } from "../../report/index.js";
import { datasetSpecOf, readingOf } from "../../training/index.js";
import { knownError } from "../known-error.js";
import { Progress } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { type Failed, failedJson } from "./failed-inputs.js";
import { labelEachStep, labelInput, labelNext } from "./label-input.js";
import { resultNames } from "./picture-files.js";
import type { Results } from "./predict-pictures.js";
import type { PredictWords } from "./predict-words.js";
import type { Predictor } from "./predictor.js";
import { type Answer, largestShares, writeAnswer } from "./write-answer.js";

/** The answer at the end of one window. */
interface WindowAnswer extends Answer {
  readonly startUs: number;
  readonly endUs: number;
  readonly events: number;
}

interface RecordingAnswer {
  readonly recording: string;
  readonly format: string;
  readonly size: Size;
  readonly windowUs: number;
  readonly skipped: readonly Skipped[];
  readonly windows: readonly WindowAnswer[];
}

/** Recordings that cannot be read are passed over and listed. @throws OptionError, or FileError where nothing can be written */
export async function predictRecordings(
  paths: readonly string[],
  predictor: Predictor,
  {
    words,
    reading,
    terminal,
  }: { readonly words: PredictWords; readonly reading: EventFileOptions; readonly terminal: Terminal },
): Promise<Results> {
  checkWords(words, predictor);
  const spec = datasetSpecOf(predictor.config) as EventDatasetSpec;
  const known = { ...readingOf(predictor.config), ...reading };
  const files = (await Promise.all(paths.map((path) => findRecordings(path, known)))).flat();
  const names = resultNames(files);
  const opened = await Promise.all(
    files.map((file) => openRecordingFrames(file, spec, known).catch(knownError)),
  );
  let total = 0;
  for (const recording of opened) {
    if (recording instanceof SnnsegError) continue;
    total += recording.windows;
    const { path, skipped } = recording;
    if (skipped.length > 0) terminal.warn(`${path}: left out ${describeSkipped(skipped)}`);
  }
  const progress = new Progress(terminal.human, { label: "predict", total, unit: "windows" });
  const recordings: RecordingAnswer[] = [];
  const failed: Failed[] = [];
  for (const [n, recording] of opened.entries()) {
    if (recording instanceof SnnsegError) {
      failed.push({ input: files[n]!, error: recording });
      continue;
    }
    const { path, format, size, skipped, windowUs, frames } = recording;
    const folder = join(words.output, names[n]!);
    await makeFolder(folder);
    using stream = new Stream(predictor, { words, size });
    const windows: WindowAnswer[] = [];
    for await (const frame of frames()) {
      const { startUs, endUs, events, values } = frame;
      const answers = stream.next(frame, windows.length);
      const answer = await writeAnswer(predictor, answers.at(-1)!, {
        name: join(folder, String(windows.length + 1).padStart(6, "0")),
        image: words.overlay && eventImage(values.data, { channels: values.channels, size }),
        steps: words.anytime && answers,
      });
      windows.push({ startUs, endUs, events, ...answer });
      if (!terminal.quiet) progress.itemsDone(1);
    }
    recordings.push({ recording: path, format, size, windowUs, skipped, windows });
  }
  if (!terminal.quiet) progress.end();
  return {
    head: ["recording", "at", "mask", "largest classes"],
    rows: recordings.flatMap(({ recording, windows }) => {
      const begin = windows[0]?.startUs ?? 0;
      return windows.map(({ endUs, mask, shares }) => {
        return [recording, `${((endUs - begin) / 1e6).toFixed(3)} s`, mask, largestShares(shares)];
      });
    }),
    count: `${recordings.reduce((sum, { windows }) => sum + windows.length, 0)} windows`,
    failed,
    json: { recordings, ...failedJson(failed) },
  };
}

function checkWords({ stream, anytime }: PredictWords, { config }: Predictor): void {
  if (!stream) return;
  if (config.encoding !== "sequence") {
    throw new OptionError(
      `--stream: expected a network that takes one frame a timestep (--encoding sequence), received one of ${config.encoding} ` +
        "coding, whose timesteps all see the same frame; leave --stream out",
    );
  }
  if (anytime) {
    throw new OptionError(
      "--stream: expected no --anytime, as a stream answers after every timestep; leave one out",
    );
  }
}

/**
 * What of earlier windows goes into the next answer: nothing with still frames; for sequences the T − 1 frames before,
 * as in scoring; in a stream the membranes, which start anew after T frames, since batch norm knows T timesteps and the
 * output never forgets.
 */
class Stream implements Disposable {
  readonly #predictor: Predictor;
  readonly #words: PredictWords;
  readonly #size: Size;
  readonly #before: Float32Array[] = [];
  #state = new SpikingState();

  constructor(predictor: Predictor, { words, size }: { readonly words: PredictWords; readonly size: Size }) {
    this.#predictor = predictor;
    this.#words = words;
    this.#size = size;
  }

  /** The answers about a window; several only with `--anytime`, the final one last. */
  next({ input }: RecordingFrame, window: number): LabelMap[] {
    const { forward, timesteps, config } = this.#predictor;
    const wanted = { size: this.#size, labelPixel: config.labelPixel };
    if (this.#words.stream) {
      if (this.#state.step === timesteps) this.dispose();
      return scope("window", () => {
        const frame = this.#predictor.encode(input, { window, frames: 1 });
        return [labelNext(forward, frame, { state: this.#state, ...wanted })];
      });
    }
    return scope("window", () => {
      const encoded =
        config.encoding === "sequence"
          ? this.#sequence(input, window)
          : this.#predictor.encode(input, { window });
      if (this.#words.anytime) return labelEachStep(forward, encoded, { timesteps, ...wanted });
      return [labelInput(forward, encoded, wanted)];
    });
  }

  /** This frame and those before it, at most T. */
  #sequence(input: Float32Array, window: number) {
    this.#before.push(input);
    if (this.#before.length > this.#predictor.timesteps) this.#before.shift();
    const values = new Float32Array(this.#before.length * input.length);
    for (const [t, frame] of this.#before.entries()) values.set(frame, t * input.length);
    return this.#predictor.encode(values, { window, frames: this.#before.length });
  }

  dispose(): void {
    this.#state.dispose();
    this.#state = new SpikingState();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
