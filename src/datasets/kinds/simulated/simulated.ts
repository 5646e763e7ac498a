/**
 * Events that are simulated while reading: a camera moves over the labelled pictures of another data set, along a new path at each
 * reading, so that training never sees the same events twice.
 */
import { checkInteger, checkNumber, checkOneOf } from "../../../checks/index.js";
import { logLuma, type SensorModelName, sensorModels } from "../../../events/index.js";
import type { LabelPixel, Orientation, Size } from "../../../images/index.js";
import { choice, numberWithin, option, toggle } from "../../../options/index.js";
import { derive } from "../../../random/index.js";
import type { KindSpec } from "../../core/dataset-spec.js";
import type { ExampleSource } from "../../core/example-source.js";
import type { PreparedRecord } from "../../core/record.js";
import type { AugmentedExample } from "../../prepare/augmentation.js";
import { eventPreparation } from "../../prepare/event-preparation.js";
import { type EventRepresentation, eventPlanes } from "../../recordings/event-frame.js";
import { slicedFraming } from "../../recordings/event-framing.js";
import { type DatasetKind, placeOf } from "../dataset-kind.js";
import { type FolderSpec, folder } from "../folder/folder.js";
import { type Voc2012Spec, voc2012 } from "../voc2012/voc2012.js";
import { SimulatedView, type SimulatedWindow } from "./simulated-view.js";

/** The data sets whose pictures a camera may move over. */
const sources = { folder, voc2012 } as const;

/** Events of a simulated camera over labelled pictures. */
export interface SimulatedSpec extends KindSpec {
  /** Which kind of data set. */
  readonly name: "simulated";
  /** The folder of the pictures. */
  readonly root: string;
  /** The kind of data set that the pictures are (default `folder`). */
  readonly source?: keyof typeof sources;
  /** Of `folder`: the class list, where it is not `dataset.json` in the root. */
  readonly classesFile?: string;
  /** Other list files than the data set's own, by split. */
  readonly lists?: Readonly<Record<string, string>>;
  /** Whether pictures and masks are turned as their EXIF says. */
  readonly orientation?: Orientation;
  /** Which pixel of a mask a label at the sensor's size takes (default `"centre"`). */
  readonly labelPixel?: LabelPixel;
  /** As of recordings (default `"counts"`). */
  readonly representation?: EventRepresentation;
  /** Channels of `"voxel"` (default 5). */
  readonly bins?: number;
  /** Length of a frame, in microseconds (default 50 ms). */
  readonly windowUs?: number;
  /** The sensor's pixels (default `"clean"`). */
  readonly sensorModel?: SensorModelName;
  /** How far the view moves, as a multiple of what is usual: shifts of a tenth of the width, 0 … 4 (default 1). */
  readonly motion?: number;
  /** The same path at each reading (default false). */
  readonly samePaths?: boolean;
  /** Frames of an example, one window after the other; 0 (default) is one, without an axis of time. */
  readonly sequence?: number;
}

const simulatedOptions = {
  simulateFrom: option(choice(["folder", "voc2012"]), {
    group: "Data",
    default: "folder",
    help: "kind of data set whose pictures a simulated event camera moves over",
  }),
  sensorModel: option(choice(["ideal", "clean", "noisy"]), {
    group: "Data",
    default: "clean",
    help: "its pixels: alike and free of noise, with contrasts that differ, or also with leak, shot noise and a refractory time",
  }),
  cameraMotion: option(numberWithin(0, 4), {
    group: "Data",
    default: 1,
    help: "how far its view moves: 1 for up to a tenth of the width, turns of 4 degrees, 8 % of scale",
  }),
  samePaths: option(toggle, {
    group: "Data",
    default: false,
    help: "the same path in every epoch, so that events are simulated once and cached",
  }),
};

const motionOf = ({ motion = 1 }: SimulatedSpec) => ({
  ...{ shift: 0.1 * motion, turn: 4 * motion, zoom: 0.08 * motion, tilt: 0.05 * motion },
});

/** The pictures at the size that the sensor sees of them at rest, with a margin for its motion. */
function pictureSpec(spec: SimulatedSpec): FolderSpec | Voc2012Spec {
  const { source = "folder", root, classesFile, lists, orientation, labelPixel, imgSize } = spec;
  const margin = 1 + 2 * motionOf(spec).shift;
  const common = {
    ...{
      root,
      imgSize: imgSize.map((side) => Math.ceil(side * margin)) as unknown as Size,
      fit: "stretch" as const,
    },
    ...(lists === undefined ? {} : { lists }),
    ...(orientation === undefined ? {} : { orientation }),
    ...(labelPixel === undefined ? {} : { labelPixel }),
  };
  if (source === "voc2012") return { name: source, ...common };
  return { name: source, ...common, ...(classesFile === undefined ? {} : { classesFile }) };
}

/** The kind of the pictures, with their spec. */
function picturesOf(spec: SimulatedSpec) {
  const pictures = pictureSpec(spec);
  return { pictures, kind: sources[pictures.name] as DatasetKind<typeof pictures> };
}

function withPictures<T>(
  spec: SimulatedSpec,
  ask: (kind: DatasetKind<FolderSpec | Voc2012Spec>, pictures: FolderSpec | Voc2012Spec) => T,
): T {
  const { pictures, kind } = picturesOf(spec);
  return ask(kind, pictures);
}

/** The pictures of a split, still, and a camera that moves over them. */
export interface Stills {
  readonly source: ExampleSource;
  /** Height and width of the pictures: the sensor's, with a margin. */
  readonly size: Size;
  /** Log intensity and labels. */
  still(record: number): Promise<PreparedRecord>;
  /** What the camera sees of it along a path. @param seed - of path and noise */
  windows(still: PreparedRecord, seed: number): Iterable<SimulatedWindow>;
}

/** @throws OptionError if a setting of the camera is none; as `openDataset` of the pictures */
export async function openStills(spec: SimulatedSpec, split: string, trusted = false): Promise<Stills> {
  const { sensorModel = "clean", motion = 1, sequence = 0, imgSize } = spec;
  checkNumber("open simulated", "motion", motion, { least: 0, most: 4 });
  checkInteger("open simulated", "sequence", sequence, { least: 0 });
  checkOneOf("open simulated", "sensorModel", sensorModel, Object.keys(sensorModels));
  const { windowUs } = slicedFraming(spec).frame;
  const { pictures, kind } = picturesOf(spec);
  const source = await kind.open(pictures, split, trusted);
  const [height, width] = pictures.imgSize;
  const frames = Math.max(1, sequence);
  // Pixels belong to the camera, paths to the run.
  const view = new SimulatedView({ size: imgSize, sensorModel, motion: motionOf(spec), frames, windowUs }, 0);
  return {
    source,
    size: pictures.imgSize,
    async still(record) {
      const { values, label } = await source.prepare(record);
      return { values: logLuma({ data: values, height, width }), label };
    },
    windows: ({ values: levels, label: labels }, seed) =>
      view.windows({ height, width, levels, labels }, seed),
  };
}

async function openSplit(spec: SimulatedSpec, split: string, trusted: boolean): Promise<ExampleSource> {
  const { imgSize: size, samePaths = false, sequence = 0 } = spec;
  const { frame, channels, scaling } = slicedFraming(spec);
  const { source, size: stillSize, still, windows } = await openStills(spec, split, trusted);
  const [height, width] = size;
  const seen = (record: PreparedRecord, seed: number): AugmentedExample => {
    const all = [...windows(record, seed)];
    const planes = all.map(({ events, ...span }) =>
      eventPlanes(events, { ...frame, height, width, ...span }),
    );
    return { planes, label: all.at(-1)!.labels() };
  };
  /** Of a record that is the same at each reading, whatever the run. */
  const fixed = async (record: number) => seen(await still(record), derive(0, "simulate", record));
  const isFixed = samePaths || split === simulated.usualSplits(spec).evaluate;
  const { toNoiseScale, normalise } = eventPreparation({ size, scaling });
  const frames = Math.max(1, sequence);
  const pixels = stillSize[0] * stillSize[1];
  return {
    ...{ name: "simulated", split, classes: source.classes, colors: source.colors, voidIds: source.voidIds },
    ...{ channels, frames: sequence, size, length: source.length, records: source.records },
    orientation: source.orientation,
    id: (index) => source.id(index),
    recordsOf: (index) => source.recordsOf(index),
    filesOf: (record) => source.filesOf?.(record) ?? [],
    async stored(record) {
      const { planes, label } = await fixed(record);
      return { values: planes.at(-1)!, labels: { height, width, data: label } };
    },
    ...(isFixed ? wholeExamples(fixed, { frames, channels, size }) : remade(still, seen, pixels)),
    toNoiseScale,
    normalise,
  };
}

type Made = Pick<ExampleSource, "prepare" | "recordSize" | "exampleOf">;

/** Records are log intensities and labels, of which every reading makes another example. */
function remade(
  prepare: ExampleSource["prepare"],
  exampleOf: NonNullable<ExampleSource["exampleOf"]>,
  pixels: number,
): Made {
  return { prepare, recordSize: { values: pixels, labels: pixels }, exampleOf };
}

/** Records are the frames of an example, one behind the other. */
function wholeExamples(
  fixed: (record: number) => Promise<AugmentedExample>,
  {
    frames,
    channels,
    size: [height, width],
  }: { readonly frames: number; readonly channels: number; readonly size: Size },
): Made {
  const length = channels * height * width;
  return {
    async prepare(record) {
      const { planes, label } = await fixed(record);
      const values = new Float32Array(frames * length);
      for (const [k, { data }] of planes.entries()) values.set(data, k * length);
      return { values, label };
    },
    recordSize: { values: frames * length, labels: height * width },
    exampleOf: ({ values, label }) => ({
      planes: Array.from({ length: frames }, (_, k) => {
        return { channels, height, width, data: values.subarray(k * length, (k + 1) * length) };
      }),
      label,
    }),
  };
}

export const simulated: DatasetKind<SimulatedSpec, typeof simulatedOptions> = {
  name: "simulated",
  input: "events",
  takes: {
    ...{ root: true, classes: { simulateFrom: ["folder"] }, trainList: true, evalList: true },
    ...{ labelPixel: true, orientation: true, representation: true },
    ...{ bins: { representation: ["voxel"] }, windowUs: true },
  },
  options: simulatedOptions,
  specOf: (values, sequence) => ({
    ...{ name: "simulated", ...placeOf(values), source: values.simulateFrom },
    ...(values.classes === null ? {} : { classesFile: values.classes }),
    ...(values.orientation === null ? {} : { orientation: values.orientation }),
    ...{ representation: values.representation, bins: values.bins, windowUs: values.windowUs },
    ...{
      sensorModel: values.sensorModel,
      motion: values.cameraMotion,
      samePaths: values.samePaths,
      sequence,
    },
  }),
  sequences: (spec, sequence) => ({ ...spec, sequence }),
  open: openSplit,
  usualSplits: (spec) => withPictures(spec, (kind, pictures) => kind.usualSplits(pictures)),
  lists: (spec) => withPictures(spec, (kind, pictures) => kind.lists!(pictures)),
  colors: (spec, classes) => withPictures(spec, (kind, pictures) => kind.colors(pictures, classes)),
  framing: slicedFraming,
};
