/** Frames of events whose channels are the last axis, as Ev-SegNet has them, to planes. */
import { ShapeError } from "../../errors.js";
import type { Planes } from "../../images/web.js";

/** Event values as Ev-SegNet stores them, a pixel's channels side by side. */
export interface EventFrame {
  /** Rows H. */
  readonly height: number;
  /** Columns W. */
  readonly width: number;
  /** Number of channels C. */
  readonly channels: number;
  /** `[H, W, C]`. */
  readonly data: Float32Array;
}

/**
 * The first channels of a frame, as planes.
 *
 * @throws ShapeError if the frame has fewer
 */
export function firstChannels(frame: EventFrame, count: number): Planes {
  const { height, width, channels, data } = frame;
  if (channels < count) {
    throw new ShapeError(
      `firstChannels: expected at least ${count} channels, received ${channels}; choose fewer channels`,
    );
  }
  const pixels = height * width;
  const planes = new Float32Array(count * pixels);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < count; c++) planes[c * pixels + i] = data[i * channels + c] as number;
  }
  return { channels: count, height, width, data: planes };
}
