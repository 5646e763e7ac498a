/** The pictures that networks get of events. */
import { OptionError } from "../../errors.js";
import {
  countFrame,
  type EventBatch,
  evSegNetChannels,
  type FrameSize,
  voxelGrid,
} from "../../events/web.js";
import type { Planes } from "../../images/web.js";
import { firstChannels } from "./first-channels.js";

/**
 * - `"counts"`: events per pixel, brighter and darker (2 channels; the paper's)
 * - `"ev-segnet"`: counts, mean and deviation of the times per polarity (6 channels)
 * - `"voxel"`: signed events spread over moments of the window (`bins` channels)
 */
export type EventRepresentation = "counts" | "ev-segnet" | "voxel";

/** How the events of a window become planes. */
export interface EventFrameOptions {
  /** What the channels show. */
  readonly representation: EventRepresentation;
  /** Channels of `"voxel"`. */
  readonly bins: number;
  /** Length of the window that ends at the label's moment, in microseconds. */
  readonly windowUs: number;
}

/** Number of planes. @throws OptionError if an option is out of range */
export function eventChannels({ representation, bins, windowUs }: EventFrameOptions): number {
  if (!(windowUs >= 1 && windowUs <= 3.6e9)) {
    throw new OptionError(
      `event frames: expected a window of 1 us to 1 hour, received ${windowUs} us; correct it`,
    );
  }
  if (!Number.isInteger(bins) || bins < 1 || bins > 64) {
    throw new OptionError(`event frames: expected 1 to 64 bins, received ${bins}; correct it`);
  }
  if (representation === "voxel") return bins;
  return representation === "counts" ? 2 : 6;
}

/**
 * The planes of the events of a window, `[C, H, W]`; the span of time is the window's, whatever events there are.
 *
 * @param events - all within the frame; not changed
 * @param options - representation and size of the frame; start and end of the window in microseconds
 * @throws ShapeError if an event lies outside the frame; OptionError if there are no bins
 */
export function eventPlanes(
  events: EventBatch,
  {
    representation,
    bins,
    height,
    width,
    startUs,
    endUs,
  }: EventFrameOptions & FrameSize & { readonly startUs: number; readonly endUs: number },
): Planes {
  const frame = { height, width, startUs, endUs };
  switch (representation) {
    case "counts":
      return { channels: 2, height, width, data: countFrame(events, frame) };
    case "voxel":
      return { channels: bins, height, width, data: voxelGrid(events, { ...frame, bins }) };
    case "ev-segnet":
      return firstChannels({ height, width, channels: 6, data: evSegNetChannels(events, frame) }, 6);
  }
}
