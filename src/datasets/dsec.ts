/**
 * DSEC-Semantic: driving scenes of a 640x480 event camera with 11 or 19 classes, frames cut on the fly.
 *
 * Labels are 640x440 pictures in the rectified view; events are rectified and the lower 40 rows cut off. Labels
 * whose window starts before the recording are left out, as ESS leaves out the first ones.
 *
 * @see Sun, Messikommer, Gehrig & Scaramuzza, "ESS: Learning event-based semantic segmentation from still images", ECCV 2022
 * @see Gehrig, Aarents, Gehrig & Scaramuzza, "DSEC: A stereo event camera dataset for driving scenarios", RA-L 2021
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError, FileError, OptionError } from "../errors.js";
import { openEvents } from "../events/index.js";
import type { Rgb } from "../images/index.js";
import type { DsecSpec } from "./dataset-spec.js";
import type { FramedRecording } from "./event-frame-store.js";
import type { ExampleSource } from "./example-source.js";
import { naturalOrder } from "./frame-order.js";
import { labelledMoments } from "./labelled-moments.js";
import { plainMaskCode } from "./mask-code.js";
import { defaultWindowUs, type SlicedExample, slicedEventsSource, surveyAll } from "./sliced-events.js";

/** Names and colours (those of Cityscapes) by id. */
const classTables: Readonly<Record<11 | 19, readonly (readonly [string, Rgb])[]>> = {
  11: [
    ["background", [0, 0, 0]],
    ["building", [70, 70, 70]],
    ["fence", [190, 153, 153]],
    ["person", [220, 20, 60]],
    ["pole", [153, 153, 153]],
    ["road", [128, 64, 128]],
    ["sidewalk", [244, 35, 232]],
    ["vegetation", [107, 142, 35]],
    ["car", [0, 0, 142]],
    ["wall", [102, 102, 156]],
    ["traffic sign", [220, 220, 0]],
  ],
  19: [
    ["road", [128, 64, 128]],
    ["sidewalk", [244, 35, 232]],
    ["building", [70, 70, 70]],
    ["wall", [102, 102, 156]],
    ["fence", [190, 153, 153]],
    ["pole", [153, 153, 153]],
    ["traffic light", [250, 170, 30]],
    ["traffic sign", [220, 220, 0]],
    ["vegetation", [107, 142, 35]],
    ["terrain", [152, 251, 152]],
    ["sky", [70, 130, 180]],
    ["person", [220, 20, 60]],
    ["rider", [255, 0, 0]],
    ["car", [0, 0, 142]],
    ["truck", [0, 0, 70]],
    ["bus", [0, 60, 100]],
    ["train", [0, 80, 100]],
    ["motorcycle", [0, 0, 230]],
    ["bicycle", [119, 11, 32]],
  ],
};

/** Colours of the classes by id. */
export function dsecColors(classes: 11 | 19): readonly Rgb[] {
  return classTables[classes].map(([, color]) => color);
}

/**
 * Opens a split: all sequences in `ROOT/SPLIT`.
 *
 * @throws OptionError, FileError or DataFormatError naming what is missing
 */
export async function openDsecSemantic(
  spec: DsecSpec,
  split: string,
  trusted = false,
): Promise<ExampleSource> {
  const { root, classes = 11 } = spec;
  const table = classTables[classes];
  if (table === undefined) {
    throw new OptionError(`open dsec: expected 11 or 19 classes, received ${classes}; choose one of them`);
  }
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
  const described = {
    classes: table.map(([className]) => className),
    colors: table.map(([, color]) => color),
    maskCode: plainMaskCode(classes),
  };
  const recordings = sequences.map(({ recording }) => recording);
  const suspicions = await surveyAll(spec, recordings, { split, trusted });
  const examples: SlicedExample[] = [];
  for (const sequence of sequences) examples.push(...(await sequenceExamples(sequence, spec)));
  if (examples.length === 0) {
    throw new DataFormatError(
      `open dsec ${split} in ${root}: expected sequences with labels of ${classes} classes, received none; unpack the semantic labels beside the events`,
    );
  }
  return slicedEventsSource(spec, split, { examples, classes: described, suspicions });
}

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
    rectifyMap: first("events/left/rectify_map.h5", "rectify_map.h5"),
  };
  const missing = Object.entries(files).find(([, path]) => path === undefined)?.[0];
  if (missing === undefined) return files as Sequence;
  const usual = {
    timestamps: times,
    events: "events/left/events.h5",
    rectifyMap: "events/left/rectify_map.h5",
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
  { windowUs = defaultWindowUs, reading }: DsecSpec,
): Promise<SlicedExample[]> {
  const offsetUs = Number((await openEvents(recording.path, reading)).header.t_offset ?? 0);
  return recording.momentsUs
    .map((momentUs, i) => ({
      ...{ id: `${name}/${String(i).padStart(6, "0")}`, recording, momentUs },
      label: labels[i] as string,
    }))
    .filter(({ momentUs }) => momentUs - windowUs >= offsetUs);
}
