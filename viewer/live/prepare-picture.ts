/** From a picture to what the network sees, as in training: fitted with anti-aliasing, then normalised. */
import { fitImage, fittedRegion } from "../../src/datasets/prepare/fit.js";
import type { Planes, Rgb, RgbImage } from "../../src/images/web.js";
import type { WebPictureInput } from "../../src/web/index.js";

/** What the network is asked about. */
export interface Prepared {
  /** `[C, H, W]` of a timestep; `undefined` where it is that of the step before. */
  readonly frame: (timestep: number) => Float32Array | undefined;
  /** The part of the input that shows the picture: top, left, rows, columns. */
  readonly region: readonly [top: number, left: number, rows: number, columns: number];
}

/** A canvas to read pixels from; one is enough, as pictures come one after the other. */
const canvas = new OffscreenCanvas(1, 1);
const context = canvas.getContext("2d", { willReadFrequently: true })!;

/** @param bitmap - of any size; not changed */
export function preparePicture(bitmap: ImageBitmap, input: WebPictureInput): Prepared {
  const { size, fit, channels, encoding } = input;
  const image = pixelsOf(bitmap);
  const fitted = fitImage(image, { size, fit, padding: barColor(input) });
  const values = normalise(fitted, channels);
  return {
    frame: (t) => (encoding === "poisson" ? poissonSpikes(values) : t === 0 ? values : undefined),
    region: fittedRegion([image.height, image.width], size, fit),
  };
}

/** Red, green and blue of a picture; transparent pixels over white. */
export function pixelsOf(bitmap: ImageBitmap): RgbImage {
  const { width, height } = bitmap;
  Object.assign(canvas, { width, height });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0);
  const { data: rgba } = context.getImageData(0, 0, width, height);
  const data = new Uint8Array(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    data[to] = rgba[from]!;
    data[to + 1] = rgba[from + 1]!;
    data[to + 2] = rgba[from + 2]!;
  }
  return { width, height, data };
}

/** What normalisation maps to zero; mid grey where nothing is subtracted, as in training. */
function barColor({ channels }: WebPictureInput): Rgb {
  const color: [number, number, number] = [127.5, 127.5, 127.5];
  for (const { source, subtract } of channels) if (subtract !== 0) color[source] = subtract;
  return color;
}

function normalise({ height, width, data }: Planes, channels: WebPictureInput["channels"]): Float32Array {
  const pixels = height * width;
  const values = new Float32Array(channels.length * pixels);
  for (const [c, { source, subtract, divide }] of channels.entries()) {
    for (let i = 0; i < pixels; i++)
      values[c * pixels + i] = (data[source * pixels + i]! - subtract) / divide;
  }
  return values;
}

/** sign(v) with probability min(|v|, 1), drawn anew for each timestep. */
function poissonSpikes(values: Float32Array): Float32Array {
  return values.map((v) => (Math.random() < Math.abs(v) ? Math.sign(v) : 0));
}
