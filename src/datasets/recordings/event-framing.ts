/** How events become the frames that a network sees: one definition for a data set's examples and for recordings. */
import { cropEvents, type EventBatch, type RectifyMap, rectifyEvents } from "../../events/index.js";
import type { Planes, Size } from "../../images/index.js";
import type { SlicedEventsSpec } from "../core/dataset-spec.js";
import type { EventScaling } from "../prepare/event-preparation.js";
import { defaultBins, defaultWindowUs } from "./event-defaults.js";
import { type EventFrameOptions, eventChannels, eventPlanes } from "./event-frame.js";

/** What a data set of events says about its frames. */
export interface EventFraming {
  readonly frame: EventFrameOptions;
  /** The first channels of a frame that the network sees. */
  readonly channels: number;
  readonly scaling: EventScaling;
  /** A sensor whose lower rows its labels do not show, and what they show of it. */
  readonly shown?: { readonly sensor: Size; readonly labels: Size };
  /** The file beside a recording that says where its pixels are in the rectified view, if labels are in that. */
  readonly rectifyMap?: string;
}

/** The framing of data sets that cut their frames from recordings. @throws OptionError if an option is out of range */
export function slicedFraming({
  representation = "counts",
  bins = defaultBins,
  windowUs = defaultWindowUs,
}: SlicedEventsSpec): EventFraming {
  const frame = { representation, bins, windowUs };
  return { frame, channels: eventChannels(frame), scaling: "channel" };
}

/** The frame of the events of a window; events that lie outside it, rectified where there is a map, are left out. */
export function cutFrame(
  events: EventBatch,
  {
    frame,
    map,
    size: [height, width],
    startUs,
  }: {
    readonly frame: EventFrameOptions;
    readonly map: RectifyMap | undefined;
    readonly size: Size;
    readonly startUs: number;
  },
): { readonly values: Planes; readonly events: number } {
  const size = { height, width };
  const placed = map === undefined ? cropEvents(events, size) : rectifyEvents(events, map, size);
  const span = { startUs, endUs: startUs + frame.windowUs };
  return { values: eventPlanes(placed, { ...frame, ...size, ...span }), events: placed.length };
}
