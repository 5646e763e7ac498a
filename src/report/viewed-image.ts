/** Examples as people look at them, as pictures: photographs as they are, event frames in red and blue. */
import type { RgbImage } from "../images/index.js";

/** An example's values before normalisation, as data sets show them. */
export type ViewedValues = {
  readonly size: readonly [number, number];
  readonly channels: number;
  /** 0 for still images, else the frames of a sequence. */
  readonly frames: number;
  /** `[C, H, W]` or `[T, C, H, W]` */
  readonly values: Float32Array;
};

/**
 * The picture of an example; of a sequence its last frame, the one that the label belongs to.
 *
 * Three channels are RGB 0 … 255. Of event frames the first two channels are drawn on white: the first fades to
 * blue, the second to red, both relative to the frame's largest value.
 */
export function viewedImage({ size: [height, width], channels, frames, values }: ViewedValues): RgbImage {
  const pixels = height * width;
  const frame = values.subarray(Math.max(0, frames - 1) * channels * pixels).subarray(0, channels * pixels);
  const data = new Uint8Array(pixels * 3);
  if (channels === 3) {
    for (let i = 0; i < pixels; i++) {
      for (let c = 0; c < 3; c++) data[i * 3 + c] = clampByte(frame[c * pixels + i]!);
    }
    return { height, width, data };
  }
  const first = frame.subarray(0, pixels);
  const second = channels > 1 ? frame.subarray(pixels, 2 * pixels) : first;
  const largest =
    frame.subarray(0, Math.min(channels, 2) * pixels).reduce((a, b) => Math.max(a, Math.abs(b)), 0) || 1;
  for (let i = 0; i < pixels; i++) {
    const blue = Math.abs(first[i]!) / largest;
    const red = Math.abs(second[i]!) / largest;
    data[i * 3] = clampByte(255 * (1 - blue));
    data[i * 3 + 1] = clampByte(255 * (1 - Math.max(blue, red)));
    data[i * 3 + 2] = clampByte(255 * (1 - red));
  }
  return { height, width, data };
}

function clampByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
