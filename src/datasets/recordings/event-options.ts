/** Options of frames that are cut from recordings on the fly, for the kinds of data sets that do so. */
import type { EventFileOptions } from "../../events/index.js";
import {
  choice,
  integer,
  option,
  optional,
  path,
  sensorSize,
  text,
  toggle,
  type ValuesOf,
} from "../../options/index.js";
import type { SlicedEventsSpec } from "../core/dataset-spec.js";
import { defaultBins, defaultWindowUs } from "./event-defaults.js";

const group = "Data";

export const eventOptions = {
  representation: option(choice(["counts", "ev-segnet", "voxel"]), {
    group,
    default: "counts",
    help: "channels of a frame: events per polarity (2), with mean and deviation of their times (6), or --bins",
  }),
  bins: option(integer(1, 64), { group, default: defaultBins, help: "time bins of a voxel grid" }),
  windowUs: option(integer(1, 3_600_000_000), {
    group,
    default: defaultWindowUs,
    help: "microseconds of events before a label that make its frame",
  }),
  timeUnit: option(optional(choice(["s", "ms", "us", "ns"])), {
    group,
    default: null,
    help: "unit of the times of text and HDF5; found from the whole file unless given",
  }),
  columns: option(optional(text("ORDER", "t, x, y, p in the order of the file, such as xytp")), {
    group,
    default: null,
    help: "columns of text, such as xytp, - for others; found from the file unless given",
  }),
  sensor: option(optional(sensorSize), {
    group,
    default: null,
    help: "width and height of the sensor of recordings that do not state theirs",
  }),
  strict: option(toggle, {
    group,
    default: false,
    help: "refuse recordings with events outside the sensor, reserved words or a cut end, instead of leaving these out",
  }),
  frameCache: option(optional(path("DIR")), {
    group,
    default: null,
    help: "where cut frames are kept; .event-frames in the root unless given",
  }),
};

type EventValues = ValuesOf<typeof eventOptions>;

/** What a run's options say about recordings that do not say it themselves. */
export function readingOf({
  timeUnit,
  columns,
  sensor,
  strict,
}: Pick<EventValues, "timeUnit" | "columns" | "sensor" | "strict">): EventFileOptions {
  const [width = 0, height = 0] = (sensor ?? "").split("x").map(Number);
  return {
    ...(timeUnit === null ? {} : { timeUnit }),
    ...(columns === null ? {} : { columns }),
    ...(sensor === null ? {} : { sensor: { width, height } }),
    strict,
  };
}

/** What the specs of data sets have in common that cut their frames from recordings. */
export function slicedWords(values: EventValues): SlicedEventsSpec {
  const { representation, bins, windowUs, frameCache } = values;
  const cache = frameCache === null ? {} : { cache: frameCache };
  return { representation, bins, windowUs, reading: readingOf(values), ...cache };
}

/** The event options that such a data set takes. */
export const slicedTaken = {
  representation: true,
  bins: { representation: ["voxel"] },
  windowUs: true,
  timeUnit: true,
  sensor: true,
  strict: true,
  frameCache: true,
} as const;
