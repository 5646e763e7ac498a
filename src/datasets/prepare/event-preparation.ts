/**
 * Event frames at the network's size and scale: the one way for examples of every data set and for the frames of
 * recordings without labels.
 */
import { type LabelPixel, type Planes, resizeLabels, resizePlanes, type Size } from "../../images/web.js";
import type { PreparedRecord, StoredRecord } from "../core/record.js";
import { scaleChannels, scaleColumns } from "./event-scaling.js";

/** What is brought to ±0.5: each channel (default), or each image column, as the reference has it. */
export type EventScaling = "channel" | "column";

export interface EventPreparationOptions {
  /** Of the network's input. */
  readonly size: Size;
  readonly scaling?: EventScaling;
  /** Default `"centre"`; the paper's is `"corner"`. */
  readonly labelPixel?: LabelPixel | undefined;
}

/** Resizing first, then scaling, so that augmentation and noise come between them. */
export interface EventPreparation {
  /** `[C, H, W]` at the network's size. */
  resize(values: Planes): Planes;
  prepare(stored: StoredRecord): PreparedRecord;
  /** Brings values to the 0 … 255 scale on which the strength of noise is given. */
  toNoiseScale(values: Planes): Planes;
  normalise(values: Planes): Float32Array;
}

/** The preparation of frames for one network. */
export function eventPreparation({
  size,
  scaling = "channel",
  labelPixel,
}: EventPreparationOptions): EventPreparation {
  const resize = (values: Planes) => resizePlanes(values, size);
  return {
    resize,
    prepare: ({ values, labels }) => ({
      values: resize(values).data,
      label: resizeLabels(labels, size, { pixel: labelPixel }).data,
    }),
    toNoiseScale: (values) => ({
      ...values,
      data: scaleChannels(values).map((value) => (value + 0.5) * 255),
    }),
    normalise: scaling === "column" ? scaleColumns : scaleChannels,
  };
}
