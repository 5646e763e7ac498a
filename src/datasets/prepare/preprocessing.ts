/** From pictures of 0 … 255 to the numbers a network sees. */
import type { Planes, Rgb } from "../../images/web.js";
import type { Preprocessing } from "../core/dataset-spec.js";

/** Mean colour of VOC's training images, in the order blue, green, red, as published for VGG networks. */
export const vocMeanBgr = [104.00699, 116.66877, 122.67892] as const;

/** What a channel of the network shows of a picture: `(x[source] − subtract) / divide`. */
export interface ChannelScale {
  /** Index of the channel in RGB order that this network channel shows. */
  readonly source: number;
  /** 0 … 255. */
  readonly subtract: number;
  /** In the same unit. */
  readonly divide: number;
}

const scales: Readonly<Record<Preprocessing, readonly ChannelScale[]>> = {
  paper: vocMeanBgr.map((subtract, c) => ({ source: 2 - c, subtract, divide: 255 })),
  imagenet: [
    { source: 0, subtract: 0.485 * 255, divide: 0.229 * 255 },
    { source: 1, subtract: 0.456 * 255, divide: 0.224 * 255 },
    { source: 2, subtract: 0.406 * 255, divide: 0.225 * 255 },
  ],
  unit: [0, 1, 2].map((source) => ({ source, subtract: 0, divide: 255 })),
};

/** What each channel of a network shows. @param preprocessing - by its name */
export function channelScales(preprocessing: Preprocessing): readonly ChannelScale[] {
  return scales[preprocessing];
}

/**
 * Normalises an RGB picture for a network.
 *
 *     y[c] = (x[source(c)] − subtract(c)) / divide(c)
 *
 * @param picture - `[3, H, W]`, RGB, 0 … 255; not changed
 * @param preprocessing - which colours are subtracted and divided by, in which order
 * @returns `[3, H, W]`; BGR for `"paper"`, RGB for the others
 */
export function normalisePicture(
  { height, width, data }: Planes,
  preprocessing: Preprocessing,
): Float32Array {
  const pixels = height * width;
  const normalised = new Float32Array(3 * pixels);
  scales[preprocessing].forEach(({ source, subtract, divide }, c) => {
    for (let i = 0; i < pixels; i++) {
      normalised[c * pixels + i] = ((data[source * pixels + i] as number) - subtract) / divide;
    }
  });
  return normalised;
}

/** The colour that normalisation maps to zero, or mid grey where none is. */
export function neutralColor(preprocessing: Preprocessing): Rgb {
  if (preprocessing === "unit") return [127.5, 127.5, 127.5];
  const color: [number, number, number] = [0, 0, 0];
  for (const { source, subtract } of scales[preprocessing]) color[source] = subtract;
  return color;
}
