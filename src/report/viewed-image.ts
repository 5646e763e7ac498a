/** Examples as people look at them, as pictures: photographs as they are, event frames in red and blue. */
import type { RgbImage } from "../images/index.js";
import { eventImage } from "./event-image.js";

/** An example's values before normalisation, as data sets show them. */
export type ViewedValues = {
  readonly size: readonly [number, number];
  readonly channels: number;
  /** 0 for still images, else the frames of a sequence. */
  readonly frames: number;
  /** `[C, H, W]` or `[T, C, H, W]` */
  readonly values: Float32Array;
};

/** The picture of an example; of a sequence its last frame, the one that the label belongs to. */
export function viewedImage(viewed: ViewedValues): RgbImage {
  return frameImage(viewed, Math.max(0, viewed.frames - 1));
}

/** The pictures of all frames of a sequence in their order; of a still image the one picture. */
export function viewedFrames(viewed: ViewedValues): RgbImage[] {
  return Array.from({ length: Math.max(1, viewed.frames) }, (_, t) => frameImage(viewed, t));
}

/** Three channels without negative values are RGB 0 … 255, everything else is events. */
function frameImage({ size, channels, values }: ViewedValues, t: number): RgbImage {
  const [height, width] = size;
  const pixels = height * width;
  const frame = values.subarray(t * channels * pixels, (t + 1) * channels * pixels);
  if (channels !== 3 || frame.some((value) => value < 0)) return eventImage(frame, { channels, size });
  const data = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++) data[i * 3 + c] = clampByte(frame[c * pixels + i]!);
  }
  return { height, width, data };
}

function clampByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
