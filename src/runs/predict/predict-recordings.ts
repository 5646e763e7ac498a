/** Classes of event recordings, window by window. */
import { join } from "node:path";
import { type EventDatasetSpec, openRecordingFrames, readingOf } from "../../datasets/index.js";
import { SnnsegError } from "../../errors.js";
import { describeSkipped, type EventFileOptions, findRecordings, type Skipped } from "../../events/index.js";
import { makeFolder } from "../../files/index.js";
import type { Size } from "../../images/index.js";
import { eventImage } from "../../report/index.js";
import { datasetSpecOf } from "../../training/index.js";
import { stageOf } from "../listener.js";
import type { Failed } from "./failed-inputs.js";
import { knownError } from "./known-error.js";
import { resultNames } from "./picture-files.js";
import type { PredictOptions } from "./predict-options.js";
import type { Predictor } from "./predictor.js";
import { checkAsked, WindowAnswers } from "./window-answers.js";
import { type Answer, writeAnswer } from "./write-answer.js";

/** The answer at the end of one window. */
export interface WindowAnswer extends Answer {
  /** The window `startUs` ≤ t < `endUs`, in microseconds. */
  readonly startUs: number;
  /** Where the window ends, in microseconds. */
  readonly endUs: number;
  /** How many events were in it. */
  readonly events: number;
}

/** The answers about one recording. */
export interface RecordingAnswer {
  /** Its path. */
  readonly recording: string;
  /** Format of the file, as recognized. */
  readonly format: string;
  /** Height and width of the sensor, which the masks have too. */
  readonly size: Size;
  /** Length of a window in microseconds. */
  readonly windowUs: number;
  /** What of the file was left out, by reason; empty where nothing was. */
  readonly skipped: readonly Skipped[];
  /** In the order of time. */
  readonly windows: readonly WindowAnswer[];
}

/**
 * Finds the class of every pixel of event recordings, window by window, and writes masks of the sensor's size.
 *
 * @param paths - recordings, and folders with them
 * @param predictor - of a network of event frames
 * @param options - where to write, and what beside the masks; `reading`: what recordings do not say about themselves, the
 *   rest is as in training
 * @returns the answers, and the recordings that could not be read, which stop none of the others
 * @throws OptionError if the network cannot answer as asked, FileError where nothing can be written
 */
export async function predictRecordings(
  paths: readonly string[],
  predictor: Predictor,
  { reading = {}, listener = {}, ...asked }: PredictOptions & { readonly reading?: EventFileOptions },
): Promise<{
  /** In the order of the paths. */
  readonly recordings: readonly RecordingAnswer[];
  /** Empty where all could be read. */
  readonly failed: readonly Failed[];
}> {
  checkAsked(asked, predictor);
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
    if (skipped.length > 0) listener.warn?.(`${path}: left out ${describeSkipped(skipped)}`);
  }
  const stage = stageOf(listener, { label: "predict", total, unit: "windows" });
  const recordings: RecordingAnswer[] = [];
  const failed: Failed[] = [];
  for (const [n, recording] of opened.entries()) {
    if (recording instanceof SnnsegError) {
      failed.push({ input: files[n]!, error: recording });
      continue;
    }
    const { path, format, size, skipped, windowUs, frames } = recording;
    const folder = join(asked.output, names[n]!);
    await makeFolder(folder);
    using answersOf = new WindowAnswers(predictor, { asked, size });
    const windows: WindowAnswer[] = [];
    for await (const frame of frames()) {
      const { startUs, endUs, events, values } = frame;
      const answers = answersOf.next(frame, windows.length);
      const answer = await writeAnswer(predictor, answers.at(-1)!, {
        name: join(folder, String(windows.length + 1).padStart(6, "0")),
        image: asked.overlay ? eventImage(values.data, { channels: values.channels, size }) : undefined,
        steps: asked.anytime ? answers : undefined,
      });
      windows.push({ startUs, endUs, events, ...answer });
      stage.itemsDone(1);
    }
    recordings.push({ recording: path, format, size, windowUs, skipped, windows });
  }
  stage.end();
  return { recordings, failed };
}
