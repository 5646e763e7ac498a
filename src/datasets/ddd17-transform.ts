/** The preparation of a DDD17 frame, as pure functions. */
import { ShapeError } from "../errors.js";
import {
  type LabelMap,
  type LabelPixel,
  type Planes,
  resizeLabels,
  resizePlanes,
  type Size,
} from "../images/index.js";
import { scaleChannels, scaleColumns } from "./event-scaling.js";

/** Event values as Ev-SegNet stores them: `data` is `[H, W, C]`. */
export interface EventFrame {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
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

/**
 * What a `ddd17` data set makes of a frame and its labels.
 *
 *     image = scale(resize(first channels)),  label = nearest(label)
 *
 * @param labels - classes 0 … 5, 255 for void
 * @param channels - how many of the frame's channels are used
 * @param scaling - per channel, or per image column as the reference has it
 * @returns `resized` before scaling and `image` after it, both `[C, h, w]`, and `label` `[h, w]`
 */
export function ddd17Transform(
  frame: EventFrame,
  labels: LabelMap,
  {
    size,
    channels,
    scaling,
    labelPixel,
  }: {
    readonly size: Size;
    readonly channels: 2 | 6;
    readonly scaling: "channel" | "column";
    /** Default `"centre"`; the reference's is `"corner"`. */
    readonly labelPixel?: LabelPixel;
  },
): { readonly resized: Float32Array; readonly image: Float32Array; readonly label: Uint8Array } {
  const planes = resizePlanes(firstChannels(frame, channels), size);
  return {
    resized: planes.data,
    image: scaling === "column" ? scaleColumns(planes) : scaleChannels(planes),
    label: resizeLabels(labels, size, { pixel: labelPixel }).data,
  };
}
