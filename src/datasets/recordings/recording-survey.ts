/** What a pass over a recording finds before frames are cut from it: its span of time, its labels' windows, its damage. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type EventBatch,
  type EventFileOptions,
  openEvents,
  type SeekableEventReader,
  type Skipped,
  SkippedEvents,
} from "../../events/index.js";
import { readFileBytes, sha256, writeFileAtomic } from "../../files/index.js";
import type { FramedRecording } from "./event-frame-store.js";

/** One recording and the windows of its labels. */
export interface RecordingSurvey {
  readonly path: string;
  readonly events: number;
  /** 0 if there are no events. */
  readonly firstUs: number;
  readonly lastUs: number;
  /** One more than the largest x and y; not looked for with `spanOnly`. */
  readonly extent?: readonly [width: number, height: number];
  readonly skipped: readonly Skipped[];
  /** How many windows `skipped` is about, where that is not the whole recording. */
  readonly sampledWindows?: number;
  readonly momentsUs: readonly number[];
  /** How many of the labels' windows hold no event. */
  readonly emptyWindows: number;
}

export interface SurveyOptions {
  /** Length of the window that ends at a label's moment. */
  readonly windowUs: number;
  readonly reading: EventFileOptions;
  /**
   * Of a recording with an index, look at its span and at a few windows only: windows within it count as full. For
   * DSEC, whose files take minutes to read.
   */
  readonly spanOnly?: boolean;
  /** Where the result is kept, so that a recording is read for it once; nowhere unless given. */
  readonly folder?: string;
}

/**
 * Surveys a recording, in one pass over it.
 *
 * @throws DataFormatError if nothing of it is usable, or with `strict` something is not; FileError
 */
export async function surveyRecording(
  recording: FramedRecording,
  options: SurveyOptions,
): Promise<RecordingSurvey> {
  const reader = await openEvents(recording.path, options.reading);
  if (options.spanOnly && "window" in reader) {
    return await spanOf(reader as SeekableEventReader, recording, options);
  }
  const file = await surveyFile(recording, options);
  const kept = file === undefined ? undefined : await readFileBytes(file).catch(() => undefined);
  if (kept !== undefined) {
    const survey = JSON.parse(Buffer.from(kept).toString()) as RecordingSurvey;
    // A strict reading finds the place again.
    if (!options.reading.strict || survey.skipped.length === 0) return survey;
  }
  const skipped = new SkippedEvents();
  const windows = new WindowCounts(recording.momentsUs, options.windowUs);
  for await (const batch of reader.batches(skipped)) windows.add(batch);
  const { path, momentsUs } = recording;
  const survey = { path, ...windows.result(), skipped: skipped.list(), momentsUs };
  if (file !== undefined) await writeFileAtomic(file, JSON.stringify(survey));
  return survey;
}

async function spanOf(
  reader: SeekableEventReader,
  { path, momentsUs }: FramedRecording,
  { windowUs }: SurveyOptions,
): Promise<RecordingSurvey> {
  const { rangeUs, declaredEvents = 0 } = reader;
  const [firstUs, lastUs] = declaredEvents > 0 ? rangeUs : [0, 0];
  const full = (momentUs: number) => momentUs >= firstUs && momentUs - windowUs <= lastUs;
  const emptyWindows = momentsUs.filter((momentUs) => declaredEvents === 0 || !full(momentUs)).length;
  const skipped = new SkippedEvents();
  const places = new Set([0, momentsUs.length >> 1, momentsUs.length - 1]);
  for (const moment of momentsUs.filter((momentUs, i) => places.has(i) && full(momentUs))) {
    await reader.window(moment - windowUs, moment + 1, skipped);
  }
  return {
    ...{ path, events: declaredEvents, firstUs, lastUs, momentsUs, emptyWindows },
    ...{ skipped: skipped.list(), sampledWindows: places.size },
  };
}

async function surveyFile(
  { path, momentsUs }: FramedRecording,
  { windowUs, reading: { strict: _, ...reading }, folder }: SurveyOptions,
): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const { size, mtimeMs } = await stat(path);
  const key = sha256(JSON.stringify({ version: 2, path, size, mtimeMs, momentsUs, windowUs, reading }));
  return join(folder, "surveys", `${key}.json`);
}

/** Counts events by window while they pass; windows end at rising moments and may overlap. */
class WindowCounts {
  readonly #momentsUs: readonly number[];
  readonly #windowUs: number;
  readonly #counts: Float64Array;
  #events = 0;
  #firstUs = Infinity;
  #lastUs = -Infinity;
  #width = 0;
  #height = 0;
  /** The first window that ends at or after the latest event. */
  #next = 0;

  constructor(momentsUs: readonly number[], windowUs: number) {
    this.#momentsUs = momentsUs;
    this.#windowUs = windowUs;
    this.#counts = new Float64Array(momentsUs.length);
  }

  add({ timestampsUs, x, y, length }: EventBatch): void {
    const moments = this.#momentsUs;
    this.#events += length;
    for (let i = 0; i < length; i++) {
      const timeUs = timestampsUs[i]!;
      if (x[i]! >= this.#width) this.#width = x[i]! + 1;
      if (y[i]! >= this.#height) this.#height = y[i]! + 1;
      if (timeUs < this.#firstUs) this.#firstUs = timeUs;
      if (timeUs > this.#lastUs) this.#lastUs = timeUs;
      while (this.#next < moments.length && moments[this.#next]! < timeUs) this.#next++;
      while (this.#next > 0 && moments[this.#next - 1]! >= timeUs) this.#next--;
      for (let k = this.#next; k < moments.length && moments[k]! - this.#windowUs <= timeUs; k++) {
        this.#counts[k]!++;
      }
    }
  }

  result() {
    const [firstUs, lastUs] = this.#events > 0 ? [this.#firstUs, this.#lastUs] : [0, 0];
    const emptyWindows = this.#counts.filter((count) => count === 0).length;
    const extent = [this.#width, this.#height] as const;
    return { events: this.#events, firstUs, lastUs, extent, emptyWindows };
  }
}
