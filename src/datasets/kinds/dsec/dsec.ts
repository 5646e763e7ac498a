/**
 * DSEC-Semantic: driving scenes of a 640x480 event camera with 11 or 19 classes, frames cut on the fly.
 *
 * Labels are 640x440 pictures in the rectified view; events are rectified and the lower 40 rows cut off. Labels
 * whose window starts before the recording are left out, as ESS leaves out the first ones. Labels of other classes, which `dataset.json` says, are in a
 * folder that is named after their number.
 *
 * @see Sun, Messikommer, Gehrig & Scaramuzza, "ESS: Learning event-based semantic segmentation from still images", ECCV 2022
 * @see Gehrig, Aarents, Gehrig & Scaramuzza, "DSEC: A stereo event camera dataset for driving scenarios", RA-L 2021
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError, FileError, OptionError } from "../../../errors.js";
import { openEvents } from "../../../events/index.js";
import { choice, option } from "../../../options/index.js";
import type { KindSpec, SlicedEventsSpec } from "../../core/dataset-spec.js";
import type { ExampleSource } from "../../core/example-source.js";
import { naturalOrder } from "../../lists/frame-order.js";
import { type ClassList, classFileColors, classFileOf, readClassFile } from "../../masks/class-file.js";
import { plainMaskCode } from "../../masks/mask-code.js";
import type { FramedRecording } from "../../recordings/event-frame-store.js";
import { slicedFraming } from "../../recordings/event-framing.js";
import { slicedTaken, slicedWords } from "../../recordings/event-options.js";
import { labelledMoments } from "../../recordings/labelled-moments.js";
import { type SlicedExample, slicedEventsSource, surveyAll } from "../../recordings/sliced-events.js";
import { type DatasetKind, placeOf } from "../dataset-kind.js";
import { foldersOf } from "../split-folders.js";
import { dsecClasses, dsecColors } from "./dsec-classes.js";

/** DSEC-Semantic: driving scenes of a 640x480 event camera. */
export interface DsecSpec extends KindSpec, SlicedEventsSpec {
  /** Which kind of data set. */
  readonly name: "dsec";
  /** A folder with `train` and `test`, which hold one folder a sequence. */
  readonly root: string;
  /** Which of its two lists of classes (default 11). */
  readonly classes?: 11 | 19;
  /** The class list of recordings with other classes, where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
}

/** One of its own two lists, unless a class file says others. */
async function classesOf(spec: DsecSpec): Promise<ClassList> {
  const { classes = 11 } = spec;
  const table = dsecClasses[classes];
  if (table === undefined) {
    throw new OptionError(`open dsec: expected 11 or 19 classes, received ${classes}; choose one of them`);
  }
  const file = classFileOf(spec);
  if (spec.classesFile === undefined && !existsSync(file)) {
    return {
      classes: table.map(([name]) => name),
      colors: table.map(([, color]) => color),
      maskCode: plainMaskCode(classes),
    };
  }
  if (classes === 11) return readClassFile(file);
  throw new OptionError(
    `open dsec: expected the classes of ${file}, received ${classes} of DSEC's own; leave one of both out`,
  );
}

/**
 * Opens a split: all sequences in `ROOT/SPLIT`.
 *
 * @throws OptionError, FileError or DataFormatError naming what is missing
 */
async function openSplit(spec: DsecSpec, split: string, trusted: boolean): Promise<ExampleSource> {
  const { root } = spec;
  const described = await classesOf(spec);
  const classes = described.classes.length;
  const folder = join(root, split);
  const names = await readdir(folder).catch((error: unknown) => {
    throw new FileError(
      `open dsec ${split}: expected the folder ${folder} with one folder a sequence, received none; unpack DSEC there`,
      { cause: error },
    );
  });
  const sequences: LabelledSequence[] = [];
  for (const name of names.sort(naturalOrder)) {
    const sequence = await dsecSequence(join(folder, name), { name, classes });
    if (sequence !== undefined) sequences.push(await labelledSequence(name, sequence));
  }
  const recordings = sequences.map(({ recording }) => recording);
  const suspicions = await surveyAll(spec, recordings, { split, trusted, spanOnly: true });
  const examples: SlicedExample[] = [];
  for (const sequence of sequences) examples.push(...(await sequenceExamples(sequence, spec)));
  if (examples.length === 0) {
    throw new DataFormatError(
      `open dsec ${split} in ${root}: expected sequences with labels of ${classes} classes, received none; unpack the semantic labels beside the events`,
    );
  }
  return slicedEventsSource(spec, split, { examples, classes: described, suspicions });
}

/** The file beside the events with the places of pixels in the rectified view. */
const rectifyMap = "rectify_map.h5";

interface Sequence {
  readonly events: string;
  readonly rectifyMap: string;
  readonly labels: string;
  readonly timestamps: string;
}

/** Finds a sequence's files, as the archives unpack or as ESS arranges them; undefined without labels. */
async function dsecSequence(
  folder: string,
  { name, classes }: { readonly name: string; readonly classes: number },
): Promise<Sequence | undefined> {
  const first = (...paths: string[]) => paths.map((path) => join(folder, path)).find(existsSync);
  const kind = `${classes}classes`;
  const labels = first(`semantic/left/${kind}/data`, `semantic/left/${kind}`, `semantic/${kind}`, kind);
  if (labels === undefined) return undefined;
  const times = `${name}_semantic_timestamps.txt`;
  const files = {
    labels,
    timestamps: first(
      ...["semantic/timestamps.txt", "semantic/semantic_timestamps.txt", `semantic/${times}`],
      ...[`semantic/left/${times}`, times],
    ),
    events: first("events/left/events.h5", "events.h5"),
    rectifyMap: first(`events/left/${rectifyMap}`, rectifyMap),
  };
  const missing = Object.entries(files).find(([, path]) => path === undefined)?.[0];
  if (missing === undefined) return files as Sequence;
  const usual = {
    timestamps: times,
    events: "events/left/events.h5",
    rectifyMap: `events/left/${rectifyMap}`,
  };
  throw new FileError(
    `open dsec ${folder}: expected ${usual[missing as keyof typeof usual]} beside the labels, received none; unpack it there`,
  );
}

interface LabelledSequence {
  readonly name: string;
  readonly recording: FramedRecording;
  readonly labels: readonly string[];
}

async function labelledSequence(
  name: string,
  { events, rectifyMap, labels, timestamps }: Sequence,
): Promise<LabelledSequence> {
  const moments = await labelledMoments(labels, timestamps);
  const momentsUs = moments.map(({ timeUs }) => timeUs);
  return {
    name,
    recording: { path: events, momentsUs, rectifyMap },
    labels: moments.map(({ label }) => label),
  };
}

/** Without the first labels, whose windows start before the recording. */
async function sequenceExamples(
  { name, recording, labels }: LabelledSequence,
  spec: DsecSpec,
): Promise<SlicedExample[]> {
  const { windowUs } = slicedFraming(spec).frame;
  const offsetUs = Number((await openEvents(recording.path, spec.reading)).header.t_offset ?? 0);
  return recording.momentsUs
    .map((momentUs, i) => ({
      ...{ id: `${name}/${String(i).padStart(6, "0")}`, recording, momentUs },
      label: labels[i] as string,
    }))
    .filter(({ momentUs }) => momentUs - windowUs >= offsetUs);
}

const dsecOptions = {
  dsecClasses: option(choice(["11", "19"]), { group: "Data", default: "11", help: "classes of the labels" }),
};

export const dsec: DatasetKind<DsecSpec, typeof dsecOptions> = {
  name: "dsec",
  input: "events",
  takes: { root: true, classes: true, labelPixel: true, ...slicedTaken },
  options: dsecOptions,
  specOf: (values) => ({
    ...{ name: "dsec", ...placeOf(values), classes: values.dsecClasses === "19" ? 19 : 11 },
    ...(values.classes === null ? {} : { classesFile: values.classes }),
    ...slicedWords(values),
  }),
  open: openSplit,
  usualSplits: () => ({ train: "train", evaluate: "test" }),
  splits: foldersOf,
  colors: async (spec) => (await classFileColors(spec)) ?? dsecColors(spec.classes ?? 11),
  framing: (spec) => ({
    ...{ ...slicedFraming(spec), shown: { sensor: [480, 640], labels: [440, 640] }, rectifyMap },
  }),
};
