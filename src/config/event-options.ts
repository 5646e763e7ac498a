/** Options of event data: prepared frames, and recordings that are cut into frames on the fly. */
import { choice, integer, option, optional, path, sensorSize, text, toggle } from "./option.js";

const group = "Data";
const ddd17 = { group, only: { dataset: ["ddd17"] } } as const;
const sliced = { group, only: { dataset: ["dsec", "events"] } } as const;

export const eventOptions = {
  channels: option(choice(["2", "6"]), { ...ddd17, default: "2", help: "channels of the event frames" }),
  scaling: option(choice(["channel", "column"]), {
    ...ddd17,
    default: "channel",
    help: "what is brought to ±0.5: each channel, or each image column as in the paper",
  }),
  division: option(choice(["ev-segnet", "ess"]), {
    ...ddd17,
    default: "ev-segnet",
    help: "recordings of each split: by folder or list as in Ev-SegNet, or those of ESS",
  }),
  dsecClasses: option(choice(["11", "19"]), {
    group,
    only: { dataset: ["dsec"] },
    default: "11",
    help: "classes of the labels",
  }),
  representation: option(choice(["counts", "ev-segnet", "voxel"]), {
    ...sliced,
    default: "counts",
    help: "channels of a frame: events per polarity (2), with mean and deviation of their times (6), or --bins",
  }),
  bins: option(integer(1, 64), {
    group,
    only: { ...sliced.only, representation: ["voxel"] },
    default: 5,
    help: "moments of a voxel grid",
  }),
  windowUs: option(integer(1, 3_600_000_000), {
    ...sliced,
    default: 50_000,
    help: "microseconds of events before a label that make its frame",
  }),
  timeUnit: option(optional(choice(["s", "ms", "us", "ns"])), {
    ...sliced,
    default: null,
    help: "unit of the times of text and HDF5; found from the whole file unless given",
  }),
  columns: option(optional(text("ORDER", "t, x, y, p in the order of the file, such as xytp")), {
    group,
    only: { dataset: ["events"] },
    default: null,
    help: "columns of text, such as xytp, - for others; found from the file unless given",
  }),
  sensor: option(optional(sensorSize), {
    ...sliced,
    default: null,
    help: "width and height of the sensor of recordings that do not state theirs",
  }),
  strict: option(toggle, {
    ...sliced,
    default: false,
    help: "refuse recordings with events outside the sensor, reserved words or a cut end, instead of leaving these out",
  }),
  frameCache: option(optional(path("DIR")), {
    ...sliced,
    default: null,
    help: "where cut frames are kept; .event-frames in the root unless given",
  }),
};
