/** Resizing of pictures and real-valued planes, anti-aliased, and of label maps, by the nearest pixel. */
import { ShapeError } from "../errors.js";
import type { IdMap, LabelMap, Planes, RgbImage, Size } from "./raster.js";
import { gaussianSampling, resizeSampling, type Sampling } from "./sampling.js";

const keptSamplings = 64;
const samplings = new Map<string, Sampling>();

/** Data sets have few picture sizes, so compiled samplings are kept, the oldest given up first. */
function cachedSampling(inputs: number, outputs: number): Sampling {
  const key = `${inputs}>${outputs}`;
  const known = samplings.get(key);
  if (known !== undefined) return known;
  if (samplings.size >= keptSamplings) samplings.delete(samplings.keys().next().value as string);
  const made = resizeSampling(inputs, outputs);
  samplings.set(key, made);
  return made;
}

/**
 * Resizes a picture: `[H, W, 3]` bytes to `[3, h, w]` reals on the same 0 … 255 scale, not rounded.
 *
 * Anti-alias Gaussian of σ = max(0, (in/out − 1)/2) an axis, then bilinear sampling, borders mirrored. All weights
 * are positive and sum to 1, so the result stays within the input's range.
 *
 * @param picture - not changed
 * @param size - height h and width w of the result
 * @throws ShapeError unless both sizes are positive
 */
export function resizePicture({ height, width, data }: RgbImage, size: Size): Planes {
  checkSize("resizePicture", [height, width], size);
  const rows = applyToRows(data, cachedSampling(height, size[0]), width * 3); // [h, W, 3]
  const planes = new Float32Array(3 * size[0] * size[1]);
  for (let c = 0; c < 3; c++) {
    const plane = planes.subarray(c * size[0] * size[1], (c + 1) * size[0] * size[1]);
    applyToColumns(rows, cachedSampling(width, size[1]), { plane, rowLength: width * 3, offset: c, step: 3 });
  }
  return { channels: 3, height: size[0], width: size[1], data: planes };
}

/**
 * Resizes every channel of `[C, H, W]` to `[C, h, w]`, as {@link resizePicture} does.
 *
 * @throws ShapeError unless both sizes are positive
 */
export function resizePlanes(planes: Planes, size: Size): Planes {
  checkSize("resizePlanes", [planes.height, planes.width], size);
  const vertical = cachedSampling(planes.height, size[0]);
  return filterPlanes(planes, vertical, cachedSampling(planes.width, size[1]));
}

/** Smooths every channel with a Gaussian of σ pixels, borders mirrored. */
export function blurPlanes(planes: Planes, sigma: number): Planes {
  const vertical = gaussianSampling(planes.height, sigma);
  return filterPlanes(planes, vertical, gaussianSampling(planes.width, sigma));
}

/**
 * Which input pixel an output pixel j of a label map takes: `"centre"` ⌊(j + ½)·in/out⌋, where pictures are sampled
 * too; `"corner"` ⌊j·in/out⌋, as in the paper's code, which shifts labels of reduced pictures by half an output pixel.
 */
export type LabelPixel = "centre" | "corner";

/** How {@link resizeLabels} chooses pixels. */
export interface LabelResizing {
  /** Which input pixel an output pixel takes (default `"centre"`). */
  readonly pixel?: LabelPixel | undefined;
}

/**
 * Resizes a map of classes, taking one input pixel for each output pixel, an axis at a time.
 *
 * @param map - `[H, W]` classes; not changed
 * @param size - height and width of the result
 * @param options - which input pixel an output pixel takes
 * @throws ShapeError unless both sizes are positive
 */
export function resizeLabels(map: LabelMap, size: Size, options?: LabelResizing): LabelMap;
/**
 * Resizes a map of ids in the same way; one of 16 bits stays so.
 *
 * @param map - `[H, W]` ids; not changed
 * @param size - height and width of the result
 * @param options - which input pixel an output pixel takes
 * @throws ShapeError unless both sizes are positive
 */
export function resizeLabels(map: IdMap, size: Size, options?: LabelResizing): IdMap;
export function resizeLabels(
  { height, width, data }: IdMap,
  size: Size,
  { pixel = "centre" }: LabelResizing = {},
): IdMap {
  checkSize("resizeLabels", [height, width], size);
  const rows = labelPixels(height, size[0], pixel);
  const columns = labelPixels(width, size[1], pixel);
  const resized =
    data instanceof Uint16Array ? new Uint16Array(size[0] * size[1]) : new Uint8Array(size[0] * size[1]);
  for (let y = 0, i = 0; y < size[0]; y++) {
    const row = (rows[y] as number) * width;
    for (let x = 0; x < size[1]; x++, i++) resized[i] = data[row + (columns[x] as number)] as number;
  }
  return { height: size[0], width: size[1], data: resized };
}

/** The input pixel that each output pixel of a label map takes, along one axis. */
export function labelPixels(inputs: number, outputs: number, pixel: LabelPixel): Int32Array {
  // (2j + 1)·in / 2·out, as whole numbers round the same everywhere.
  const add = pixel === "centre" ? 1 : 0;
  return Int32Array.from({ length: outputs }, (_, j) => Math.floor(((2 * j + add) * inputs) / (2 * outputs)));
}

/**
 * How far, on average and in input pixels, labels lie behind the picture's pixels that they are learnt with.
 *
 *     mean over j of (taken(j) + ½) − (j + ½)·in/out
 *
 * Reduced r-fold, `"corner"` gives −(r − 1)/2; `"centre"` at most half a pixel, at even r.
 */
export function labelShift(inputs: number, outputs: number, pixel: LabelPixel): number {
  const taken = labelPixels(inputs, outputs, pixel);
  return taken.reduce((sum, i, j) => sum + i + 0.5 - ((j + 0.5) * inputs) / outputs, 0) / outputs;
}

function filterPlanes(
  { channels, height, width, data }: Planes,
  vertical: Sampling,
  horizontal: Sampling,
): Planes {
  const [h, w] = [vertical.outputs, horizontal.outputs];
  const filtered = new Float32Array(channels * h * w);
  for (let c = 0; c < channels; c++) {
    const rows = applyToRows(data.subarray(c * height * width, (c + 1) * height * width), vertical, width); // [h, W]
    const plane = filtered.subarray(c * h * w, (c + 1) * h * w);
    applyToColumns(rows, horizontal, { plane, rowLength: width, offset: 0, step: 1 });
  }
  return { channels, height: h, width: w, data: filtered };
}

/**
 * Samples along the first axis of `[inputs, rowLength]`; whole rows at a time, so memory is read in order.
 *
 * Four input rows a pass: the output row is then read and written a quarter as often, which halves the time.
 */
function applyToRows(data: Uint8Array | Float32Array, sampling: Sampling, rowLength: number): Float64Array {
  const { weights, stride } = sampling;
  const rows = new Float64Array(sampling.outputs * rowLength);
  for (let j = 0; j < sampling.outputs; j++) {
    const row = rows.subarray(j * rowLength, (j + 1) * rowLength);
    const count = sampling.count[j] as number;
    let k = 0;
    for (; k + 4 <= count; k += 4) {
      const w = j * stride + k;
      const [w0, w1, w2, w3] = [weights[w]!, weights[w + 1]!, weights[w + 2]!, weights[w + 3]!];
      const s0 = (sampling.first[j]! + k) * rowLength;
      const [s1, s2, s3] = [s0 + rowLength, s0 + 2 * rowLength, s0 + 3 * rowLength];
      for (let x = 0; x < rowLength; x++) {
        row[x]! += w0 * data[s0 + x]! + w1 * data[s1 + x]! + w2 * data[s2 + x]! + w3 * data[s3 + x]!;
      }
    }
    for (; k < count; k++) {
      const weight = weights[j * stride + k]!;
      const source = (sampling.first[j]! + k) * rowLength;
      for (let x = 0; x < rowLength; x++) row[x]! += weight * data[source + x]!;
    }
  }
  return rows;
}

/** A picture as planes: `[H, W, 3]` bytes to `[3, H, W]` reals of the same values. */
export function planesOf({ height, width, data }: RgbImage): Planes {
  const pixels = height * width;
  const planes = new Float32Array(3 * pixels);
  for (let i = 0, p = 0; i < pixels; i++) {
    for (let c = 0; c < 3; c++, p++) planes[c * pixels + i] = data[p] as number;
  }
  return { channels: 3, height, width, data: planes };
}

interface ColumnTarget {
  readonly plane: Float32Array;
  readonly rowLength: number;
  readonly offset: number;
  readonly step: number;
}

/** Samples along the second axis, taking every `step`-th element from `offset` on. */
function applyToColumns(
  rows: Float64Array,
  sampling: Sampling,
  { plane, rowLength, offset, step }: ColumnTarget,
): void {
  for (let start = offset, i = 0; start < rows.length; start += rowLength) {
    for (let j = 0; j < sampling.outputs; j++, i++) {
      const count = sampling.count[j] as number;
      const source = start + (sampling.first[j] as number) * step;
      let sum = 0;
      for (let k = 0; k < count; k++) {
        sum += (sampling.weights[j * sampling.stride + k] as number) * (rows[source + k * step] as number);
      }
      plane[i] = sum;
    }
  }
}

function checkSize(operation: string, from: Size, to: Size): void {
  if ([...from, ...to].every((side) => Number.isInteger(side) && side > 0)) return;
  throw new ShapeError(
    `${operation}: expected sizes of at least 1x1, received ${from.join("x")} to ${to.join("x")}; check the image size`,
  );
}
