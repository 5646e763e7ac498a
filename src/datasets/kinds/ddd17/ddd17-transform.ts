/** The preparation of a DDD17 frame and its labels, as one pure function. */
import type { LabelMap, LabelPixel, Size } from "../../../images/index.js";
import { eventPreparation } from "../../prepare/event-preparation.js";
import { type EventFrame, firstChannels } from "../../recordings/first-channels.js";

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
  const preparation = eventPreparation({ size, scaling, labelPixel });
  const planes = { channels, height: size[0], width: size[1] };
  const { values, label } = preparation.prepare({ values: firstChannels(frame, channels), labels });
  return { resized: values, image: preparation.normalise({ ...planes, data: values }), label };
}
