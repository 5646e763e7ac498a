/** From scores at the network's size to classes at the size of what its input shows. */
import type { InputRegion } from "../datasets/index.js";
import {
  argmax,
  gridSample,
  narrow,
  noGrad,
  scope,
  type Tensor,
  tensorFrom,
  toDevice,
  toDType,
} from "../engine/index.js";
import { type LabelMap, type LabelPixel, labelShift, type Size } from "../images/index.js";

/** Scores at the picture's own size that are in memory at once. */
const mostScores = 2 ** 25;

/** Where the classes are wanted. */
export interface EnlargeOptions {
  /** Height and width of the result. */
  readonly size: Size;
  /** The part of the network's input that is asked about; all of it unless given. */
  readonly region?: InputRegion | undefined;
  /** How the network's labels were reduced; what that shifted is shifted back. Default `"centre"`. */
  readonly labelPixel?: LabelPixel | undefined;
}

/**
 * The class of every pixel: scores are enlarged bilinearly between pixel centres, then the largest wins.
 *
 *     pixel p asks for the score at (p + ½ − shift)·n/N − ½,  n pixels of the input for N of the picture
 *
 * @param logits - `[1, K, H, W]`, on any device
 * @param options - size of the picture, and how the network's input came from it
 * @see labelShift
 */
export function enlargedLabels(
  logits: Tensor,
  { size: [height, width], region, labelPixel = "centre" }: EnlargeOptions,
): LabelMap {
  const [, classes = 1, inputHeight = 0, inputWidth = 0] = logits.shape;
  const [top, left, rows, columns] = region ?? [0, 0, inputHeight, inputWidth];
  const data = new Uint8Array(height * width);
  if (height === rows && width === columns) {
    // Every pixel asks for a score that is there.
    scope("labels", () =>
      noGrad(() => data.set(classesOf(narrow(narrow(logits, 2, top, rows), 3, left, columns)))),
    );
    return { height, width, data };
  }
  const ys = places(height, rows, labelPixel);
  const xs = places(width, columns, labelPixel);
  const band = Math.max(1, Math.floor(mostScores / (classes * width)));
  scope("enlarged labels", () =>
    noGrad(() => {
      const inside = toDevice(narrow(narrow(logits, 2, top, rows), 3, left, columns), "cpu");
      for (let y = 0; y < height; y += band) {
        data.set(
          scope("band", () => labelsAt(inside, ys.subarray(y, y + band), xs)),
          y * width,
        );
      }
    }),
  );
  return { height, width, data };
}

/** Where along an axis of the network's input each pixel lies, from −1 at its start to 1 at its end. */
function places(outputs: number, inputs: number, labelPixel: LabelPixel): Float32Array {
  const shift = labelShift(outputs, inputs, labelPixel);
  return Float32Array.from({ length: outputs }, (_, p) => (2 * (p + 0.5 - shift)) / outputs - 1);
}

function labelsAt(scores: Tensor, ys: Float32Array, xs: Float32Array): Uint8Array {
  const grid = new Float32Array(2 * ys.length * xs.length);
  for (let y = 0, i = 0; y < ys.length; y++) {
    for (let x = 0; x < xs.length; x++) {
      grid[i++] = xs[x] as number;
      grid[i++] = ys[y] as number;
    }
  }
  return classesOf(gridSample(scores, tensorFrom(grid, [1, ys.length, xs.length, 2])));
}

function classesOf(scores: Tensor): Uint8Array {
  return toDType(argmax(scores, 1), "uint8").toArray() as Uint8Array;
}
