/** The preparation of a DDD17 frame and its labels, as one pure function. */
import type { LabelMap, LabelPixel, Size } from "../../../images/index.js";
import { eventPreparation } from "../../prepare/event-preparation.js";
import { type EventFrame, firstChannels } from "../../recordings/first-channels.js";

/**
 * What a `ddd17` data set makes of a frame and its labels.
 *
 *     image = scale(resize(first channels)),  label = nearest(label)
 *
 * @param frame - `[H, W, C]`; not changed
 * @param labels - classes 0 … 5, 255 for void
 * @param options - as in the data set's spec
 * @param options.size - height h and width w of the result
 * @param options.channels - how many of the frame's channels are used
 * @param options.scaling - per channel, or per image column as the reference has it
 * @param options.labelPixel - which pixel of a mask a reduced label takes (default `"centre"`; the reference's is
 * `"corner"`)
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
    readonly labelPixel?: LabelPixel;
  },
): {
  /** Before scaling, `[C, h, w]`. */
  readonly resized: Float32Array;
  /** After scaling, `[C, h, w]`. */
  readonly image: Float32Array;
  /** `[h, w]`. */
  readonly label: Uint8Array;
} {
  const preparation = eventPreparation({ size, scaling, labelPixel });
  const planes = { channels, height: size[0], width: size[1] };
  const { values, label } = preparation.prepare({ values: firstChannels(frame, channels), labels });
  return { resized: values, image: preparation.normalise({ ...planes, data: values }), label };
}
