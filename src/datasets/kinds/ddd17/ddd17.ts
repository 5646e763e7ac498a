/**
 * DDD17 with Ev-SegNet's labels: event frames of 200x346 pixels and 6 channels, single or in sequences.
 *
 * A sequence of T frames (target history learning) has the labels of its last frame; every frame with T − 1
 * predecessors in the same recording, without a gap, ends one.
 *
 * @see Binas et al., "DDD17: End-to-end DAVIS driving dataset", 2017, arXiv:1711.01458
 * @see Alonso & Murillo, "EV-SegNet: Semantic segmentation for event-based cameras", CVPRW 2019
 */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError, OptionError } from "../../../errors.js";
import { readFileBytes } from "../../../files/index.js";
import { choice, option } from "../../../options/index.js";
import type { KindSpec, MaskedSpec } from "../../core/dataset-spec.js";
import type { ExampleSource } from "../../core/example-source.js";
import type { StoredRecord } from "../../core/record.js";
import { consecutiveRuns, frameName } from "../../lists/frame-order.js";
import { listedPath } from "../../lists/list-file.js";
import { type ClassList, classFileColors, classFileOf, readClassFile } from "../../masks/class-file.js";
import { readLabels } from "../../masks/labels.js";
import { plainMaskCode, voidValues } from "../../masks/mask-code.js";
import { type EventScaling, eventPreparation } from "../../prepare/event-preparation.js";
import { defaultWindowUs } from "../../recordings/event-defaults.js";
import type { EventFraming } from "../../recordings/event-framing.js";
import { type EventFrame, firstChannels } from "../../recordings/first-channels.js";
import { parseNpy } from "../../recordings/npy.js";
import { type DatasetKind, placeOf } from "../dataset-kind.js";
import { ddd17Classes, ddd17Colors } from "./ddd17-classes.js";
import { ddd17Frames, type FramePair } from "./ddd17-files.js";
import { ddd17Layout } from "./ddd17-lists.js";

/** DDD17 with Ev-SegNet's labels: driving scenes as event frames of 200x346, 6 classes. */
export interface Ddd17Spec extends KindSpec, MaskedSpec {
  /** Which kind of data set. */
  readonly name: "ddd17";
  /** A folder with `events`, `labels` and optionally `datalists` in Ev-SegNet's layout. */
  readonly root: string;
  /** The first 2 of the stored channels, as in the paper (default), or all 6. */
  readonly channels?: 2 | 6;
  /** What is brought to [−0.5, 0.5]: each `"channel"` (default), or each image `"column"`, as in the reference. */
  readonly scaling?: EventScaling;
  /** Frames T of a sequence (target history learning); 0 (default) gives single frames. */
  readonly sequence?: number;
  /** Which recordings a split holds: those of its folder or list (default), or the division of ESS. */
  readonly division?: "ev-segnet" | "ess";
  /** Other list files than `datalists/SPLIT-new.txt` or `datalists/SPLIT.txt`, by split; relative to the root. */
  readonly lists?: Readonly<Record<string, string>>;
  /** The class list of frames with other classes, where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
}

const storedChannels = 6;

/** Its own six classes, unless a class file says others. */
async function classesOf(spec: Ddd17Spec): Promise<ClassList> {
  const file = classFileOf(spec);
  if (spec.classesFile !== undefined || existsSync(file)) return readClassFile(file);
  return { classes: ddd17Classes, colors: ddd17Colors, maskCode: plainMaskCode(ddd17Classes.length) };
}

const ddd17Options = {
  channels: option(choice(["2", "6"]), { group: "Data", default: "2", help: "channels of the event frames" }),
  scaling: option(choice(["channel", "column"]), {
    group: "Data",
    default: "channel",
    help: "what is scaled to ±0.5: each channel, or each image column as in the paper",
  }),
  division: option(choice(["ev-segnet", "ess"]), {
    group: "Data",
    default: "ev-segnet",
    help: "recordings of each split: by folder or list as in Ev-SegNet, or those of ESS",
  }),
};

/** Ev-SegNet's frames, of which the network sees the first channels; labels show the upper 200 of the sensor's 260 rows. */
function framing({ channels = 2, scaling = "channel" }: Ddd17Spec): EventFraming {
  return {
    ...{ frame: { representation: "ev-segnet", bins: 1, windowUs: defaultWindowUs }, channels, scaling },
    shown: { sensor: [260, 346], labels: [200, 346] },
  };
}

/**
 * Opens a split.
 *
 * @param trusted - skips the check that all files exist, which another thread has made
 */
async function openSplit(spec: Ddd17Spec, split: string, trusted: boolean): Promise<ExampleSource> {
  const { root, imgSize, labelPixel, sequence = 0 } = spec;
  const { channels, scaling } = framing(spec);
  const preparation = eventPreparation({ size: imgSize, scaling, labelPixel });
  if (!Number.isInteger(sequence) || sequence < 0) {
    throw new OptionError(
      `open ddd17: expected a sequence of 0 (single frames) or more frames, received ${sequence}; correct it`,
    );
  }
  const { classes, colors, maskCode } = await classesOf(spec);
  const frames = await ddd17Frames(spec, split, trusted);
  const ends = sequence === 0 ? [...frames.keys()] : sequenceEnds(frames, sequence);
  if (ends.length === 0) {
    throw new DataFormatError(
      `open ddd17 ${split} in ${root}: expected at least ${sequence} consecutive frames, received only shorter runs; choose a shorter sequence`,
    );
  }
  const filesOf = (record: number) => {
    const pair = frames[record] as FramePair;
    return [listedPath(root, pair.events), listedPath(root, pair.labels)] as const;
  };
  const stored = async (record: number): Promise<StoredRecord> => {
    const [eventFile, labelFile] = filesOf(record);
    const [events, labels] = await Promise.all([readEvents(eventFile), readLabels(labelFile, maskCode)]);
    if (labels.height !== events.height || labels.width !== events.width) {
      throw new DataFormatError(
        `read labels ${labelFile}: expected ${events.height}x${events.width} (height x width), the size of ${eventFile}, received ${labels.height}x${labels.width}; restore the pair`,
      );
    }
    return { values: firstChannels(events, channels), labels };
  };
  return {
    ...{
      name: "ddd17",
      split,
      classes,
      colors,
      channels,
      frames: sequence,
      size: imgSize,
      voidIds: voidValues(maskCode),
    },
    length: ends.length,
    records: frames.length,
    id: (index) => (frames[ends[index] as number] as FramePair).name,
    recordsOf(index) {
      const last = ends[index] as number;
      return sequence === 0 ? [last] : Array.from({ length: sequence }, (_, t) => last - sequence + 1 + t);
    },
    filesOf,
    prepare: async (record) => preparation.prepare(await stored(record)),
    stored,
    toNoiseScale: preparation.toNoiseScale,
    normalise: preparation.normalise,
  };
}

/** Positions of the frames that end a sequence of `length`. */
function sequenceEnds(frames: readonly FramePair[], length: number): readonly number[] {
  return consecutiveRuns(frames.map(({ name }) => frameName(name))).flatMap(([first, end]) => {
    return Array.from({ length: Math.max(0, end - first - length + 1) }, (_, k) => first + length - 1 + k);
  });
}

async function readEvents(path: string): Promise<EventFrame> {
  const { shape, data } = parseNpy(await readFileBytes(path), path);
  const [height, width, channels] = shape;
  if (shape.length !== 3 || channels !== storedChannels || height === 0 || width === 0) {
    throw new DataFormatError(
      `read ${path}: expected an array of height x width x ${storedChannels}, received [${shape.join(", ")}]; prepare the events as Ev-SegNet does`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new DataFormatError(
      `read ${path}: expected finite numbers, received ${data[bad]} as element ${bad}; restore the file`,
    );
  }
  return { height: height as number, width: width as number, channels, data };
}

export const ddd17: DatasetKind<Ddd17Spec, typeof ddd17Options> = {
  name: "ddd17",
  input: "events",
  takes: {
    root: true,
    trainList: true,
    evalList: true,
    classes: true,
    labelPixel: true,
    void: { augment: ["geometric"] },
  },
  options: ddd17Options,
  specOf: (values, sequence) => ({
    ...{ name: "ddd17", ...placeOf(values), channels: values.channels === "6" ? 6 : 2, sequence },
    ...{ scaling: values.scaling, division: values.division },
    ...(values.classes === null ? {} : { classesFile: values.classes }),
  }),
  sequences: (spec, sequence) => ({ ...spec, sequence }),
  open: openSplit,
  usualSplits: () => ({ train: "train", evaluate: "test" }),
  async splits(spec) {
    if (spec.division === "ess") return ["train", "val", "test"];
    const folders = await readdir(join(spec.root, "events")).catch(() => []);
    return [...(await ddd17Layout(spec).lists()).keys(), ...folders];
  },
  lists: ddd17Layout,
  colors: async (spec) => (await classFileColors(spec)) ?? ddd17Colors,
  framing,
};
