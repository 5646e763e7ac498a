/** Resizing of pictures and real-valued planes, anti-aliased, and of label maps, by the nearest pixel. */
import { ShapeError } from "../errors.js";
import type { IdMap, LabelMap, Planes, RgbImage, Size } from "./raster.js";
import { gaussianSampling, inputsRead, resizeSampling, type Sampling, samplingPart } from "./sampling.js";

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
export function resizePicture(picture: RgbImage, size: Size): Planes {
  const { height, width } = picture;
  checkSize("resizePicture", [height, width], size);
  if (height === size[0] && width === size[1]) return planesOf(picture);
  return samplePicture(picture, cachedSampling(height, size[0]), cachedSampling(width, size[1]));
}

/** Part of a picture or a label map of some size. */
export interface Crop {
  /** First row. */
  readonly top: number;
  /** First column. */
  readonly left: number;
  /** Rows. */
  readonly height: number;
  /** Columns. */
  readonly width: number;
}

/**
 * The part `crop` of what {@link resizePicture} makes, without the rest: `[3, crop.height, crop.width]`.
 *
 * @param picture - not changed
 * @param size - height and width of the whole result
 * @param crop - lies within `size`
 */
export function resizePictureCrop(picture: RgbImage, size: Size, crop: Crop): Planes {
  const { height, width } = picture;
  // Random sizes hardly ever come again, so that these samplings are not kept.
  const vertical = samplingPart(resizeSampling(height, size[0]), crop.top, crop.height);
  return samplePicture(
    picture,
    vertical,
    samplingPart(resizeSampling(width, size[1]), crop.left, crop.width),
  );
}

function samplePicture({ width, data }: RgbImage, vertical: Sampling, all: Sampling): Planes {
  // Of a crop most columns are never asked for.
  const { from, sampling: horizontal } = inputsRead(all);
  const [h, w] = [vertical.outputs, horizontal.outputs];
  const columns = { rowLength: width * 3, from: from * 3, length: horizontal.inputs * 3 };
  const rows = applyToRows(data, vertical, columns); // [h, columns, 3]
  const planes = new Float32Array(3 * h * w);
  applyToPixels(rows, horizontal, planes);
  return { channels: 3, height: h, width: w, data: planes };
}

/**
 * Resizes every channel of `[C, H, W]` to `[C, h, w]`, as {@link resizePicture} does.
 *
 * @param planes - not changed
 * @param size - height h and width w of the result
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
  takePixels({ data, width }, { rows, columns, to: resized });
  return { height: size[0], width: size[1], data: resized };
}

/**
 * The part `crop` of what {@link resizeLabels} makes, without the rest.
 *
 * @param map - `[H, W]` classes; not changed
 * @param size - height and width of the whole result
 * @param options - the part, which lies within `size`, and which input pixel an output pixel takes
 */
export function resizeLabelsCrop(
  { height, width, data }: LabelMap,
  size: Size,
  { crop, pixel = "centre" }: LabelResizing & { readonly crop: Crop },
): LabelMap {
  const rows = labelPixels(height, size[0], pixel).subarray(crop.top, crop.top + crop.height);
  const columns = labelPixels(width, size[1], pixel).subarray(crop.left, crop.left + crop.width);
  const resized = new Uint8Array(crop.height * crop.width);
  takePixels({ data, width }, { rows, columns, to: resized });
  return { height: crop.height, width: crop.width, data: resized };
}

function takePixels(
  { data, width }: Pick<IdMap, "data" | "width">,
  { rows, columns, to }: { rows: Int32Array; columns: Int32Array; to: Uint8Array | Uint16Array },
): void {
  for (let y = 0, i = 0; y < rows.length; y++) {
    const row = (rows[y] as number) * width;
    for (let x = 0; x < columns.length; x++, i++) to[i] = data[row + (columns[x] as number)] as number;
  }
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
    const plane = data.subarray(c * height * width, (c + 1) * height * width);
    const rows = applyToRows(plane, vertical, { rowLength: width, from: 0, length: width }); // [h, W]
    applyToColumns(rows, horizontal, filtered.subarray(c * h * w, (c + 1) * h * w));
  }
  return { channels, height: h, width: w, data: filtered };
}

/**
 * Samples along the first axis of `[inputs, rowLength]`, of each row the elements `from` … `from + length − 1`; whole rows at a
 * time, so memory is read in order.
 *
 * Four input rows a pass: the output row is then read and written a quarter as often, which halves the time.
 */
function applyToRows(
  data: Uint8Array | Float32Array,
  sampling: Sampling,
  { rowLength, from, length }: { readonly rowLength: number; readonly from: number; readonly length: number },
): Float64Array {
  const { weights, stride } = sampling;
  const rows = new Float64Array(sampling.outputs * length);
  for (let j = 0; j < sampling.outputs; j++) {
    const row = rows.subarray(j * length, (j + 1) * length);
    const count = sampling.count[j] as number;
    if (count === 2) {
      // Of an enlarged picture all rows, of two rows each.
      const [w0, w1] = [weights[j * stride]!, weights[j * stride + 1]!];
      const s0 = sampling.first[j]! * rowLength + from;
      for (let x = 0; x < length; x++) row[x] = w0 * data[s0 + x]! + w1 * data[s0 + rowLength + x]!;
      continue;
    }
    let k = 0;
    for (; k + 4 <= count; k += 4) {
      const w = j * stride + k;
      const [w0, w1, w2, w3] = [weights[w]!, weights[w + 1]!, weights[w + 2]!, weights[w + 3]!];
      const s0 = (sampling.first[j]! + k) * rowLength + from;
      const [s1, s2, s3] = [s0 + rowLength, s0 + 2 * rowLength, s0 + 3 * rowLength];
      for (let x = 0; x < length; x++) {
        row[x]! += w0 * data[s0 + x]! + w1 * data[s1 + x]! + w2 * data[s2 + x]! + w3 * data[s3 + x]!;
      }
    }
    for (; k < count; k++) {
      const weight = weights[j * stride + k]!;
      const source = (sampling.first[j]! + k) * rowLength + from;
      for (let x = 0; x < length; x++) row[x]! += weight * data[source + x]!;
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

/** Samples along the second axis of `[rows, inputs]`. */
function applyToColumns(rows: Float64Array, sampling: Sampling, plane: Float32Array): void {
  const { inputs, outputs, first, count, weights, stride } = sampling;
  for (let start = 0, i = 0; start < rows.length; start += inputs) {
    for (let j = 0; j < outputs; j++, i++) {
      const source = start + first[j]!;
      let sum = 0;
      for (let k = 0; k < count[j]!; k++) sum += weights[j * stride + k]! * rows[source + k]!;
      plane[i] = sum;
    }
  }
}

/** The same of `[rows, inputs, 3]`, to planes `[3, rows, outputs]`: three channels a pass, so that each weight is read once. */
function applyToPixels(rows: Float64Array, sampling: Sampling, planes: Float32Array): void {
  const { inputs, outputs, first, count, weights, stride } = sampling;
  const pixels = planes.length / 3;
  for (let start = 0, i = 0; start < rows.length; start += 3 * inputs) {
    for (let j = 0; j < outputs; j++, i++) {
      let source = start + 3 * first[j]!;
      let red = 0;
      let green = 0;
      let blue = 0;
      const from = j * stride;
      const end = from + count[j]!;
      for (let k = from; k < end; k++, source += 3) {
        const weight = weights[k]!;
        red += weight * rows[source]!;
        green += weight * rows[source + 1]!;
        blue += weight * rows[source + 2]!;
      }
      planes[i] = red;
      planes[pixels + i] = green;
      planes[2 * pixels + i] = blue;
    }
  }
}

function checkSize(operation: string, from: Size, to: Size): void {
  if ([...from, ...to].every((side) => Number.isInteger(side) && side > 0)) return;
  throw new ShapeError(
    `${operation}: expected sizes of at least 1x1, received ${from.join("x")} to ${to.join("x")}; check the image size`,
  );
}
