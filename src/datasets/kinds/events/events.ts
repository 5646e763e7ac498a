/**
 * One's own recordings with label pictures, cut into frames on the fly: `ROOT/SPLIT/NAME.*` are recordings of any
 * known format, `ROOT/SPLIT/NAME/` the label PNGs of each, with `timestamps.txt` or with their times as names, and
 * `ROOT/dataset.json` the classes.
 */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError, FileError } from "../../../errors.js";
import { recogniseEvents } from "../../../events/index.js";
import type { KindSpec, SlicedEventsSpec } from "../../core/dataset-spec.js";
import type { ExampleSource } from "../../core/example-source.js";
import { naturalOrder } from "../../lists/frame-order.js";
import { classFileColors, classFileOf, readClassFile } from "../../masks/class-file.js";
import type { FramedRecording } from "../../recordings/event-frame-store.js";
import { slicedFraming } from "../../recordings/event-framing.js";
import { slicedTaken, slicedWords } from "../../recordings/event-options.js";
import { labelledMoments } from "../../recordings/labelled-moments.js";
import { type SlicedExample, slicedEventsSource, surveyAll } from "../../recordings/sliced-events.js";
import { type DatasetKind, placeOf } from "../dataset-kind.js";
import { foldersOf } from "../split-folders.js";

/** One's own event recordings with label pictures, cut into frames while reading. */
export interface EventsSpec extends KindSpec, SlicedEventsSpec {
  /** Which kind of data set. */
  readonly name: "events";
  /** A folder with a folder for each split, which holds recordings NAME.* and folders NAME of label PNGs. */
  readonly root: string;
  /** The class list, where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
}

/**
 * Opens a split.
 *
 * @param trusted - skips the look through the recordings, which another thread has made
 * @throws FileError or DataFormatError naming the folder, recording or label list that is missing or wrong
 */
async function openSplit(spec: EventsSpec, split: string, trusted: boolean): Promise<ExampleSource> {
  const folder = join(spec.root, split);
  const names = await readdir(folder).catch((error: unknown) => {
    throw new FileError(
      `open events ${split}: expected the folder ${folder} with recordings and their labels, received none; create it or choose another split`,
      { cause: error },
    );
  });
  const examples: SlicedExample[] = [];
  const recordings: FramedRecording[] = [];
  for (const file of names.sort(naturalOrder)) {
    const path = join(folder, file);
    const labels = path.replace(/\.[^.]*$/, "");
    if (labels === path || !(await isFolder(labels)) || (await isFolder(path))) continue;
    if ((await recogniseEvents(path, spec.reading)) === undefined) {
      throw new DataFormatError(
        `open events ${path}: expected an event recording, as ${labels} holds labels for it, received another kind of file; move it away or convert it`,
      );
    }
    const times = join(labels, "timestamps.txt");
    const moments = await labelledMoments(labels, existsSync(times) ? times : undefined);
    const recording = { path, momentsUs: moments.map(({ timeUs }) => timeUs) };
    recordings.push(recording);
    const name = file.replace(/\.[^.]*$/, "");
    moments.forEach(({ timeUs, label }, i) => {
      examples.push({ id: `${name}/${i}`, recording, momentUs: timeUs, label });
    });
  }
  if (examples.length === 0) {
    throw new DataFormatError(
      `open events ${split} in ${spec.root}: expected recordings NAME.* beside folders NAME of label PNGs, received none; arrange them so`,
    );
  }
  const classes = await readClassFile(classFileOf(spec));
  const labels = recordings.map((recording) => examples.find((one) => one.recording === recording)!.label);
  const suspicions = await surveyAll(spec, recordings, { split, trusted, labels });
  return slicedEventsSource(spec, split, { examples, classes, suspicions });
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

export const events: DatasetKind<EventsSpec> = {
  name: "events",
  input: "events",
  takes: { root: true, classes: true, labelPixel: true, ...slicedTaken, columns: true },
  options: {},
  specOf: (values) => ({
    ...{ name: "events", ...placeOf(values) },
    ...(values.classes === null ? {} : { classesFile: values.classes }),
    ...slicedWords(values),
  }),
  open: openSplit,
  usualSplits: ({ root }) => ({
    ...{ train: "train", evaluate: existsSync(join(root, "val")) ? "val" : "test" },
  }),
  splits: foldersOf,
  colors: classFileColors,
  framing: slicedFraming,
};
