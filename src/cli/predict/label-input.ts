/** From a network's input to classes at the size of what it shows. */
import type { InputRegion } from "../../datasets/index.js";
import {
  argmax,
  narrow,
  noGrad,
  reshape,
  resizeBilinear,
  scope,
  type Tensor,
  toDType,
} from "../../engine/index.js";
import { type LabelMap, resizeLabels, type Size } from "../../images/index.js";
import { SpikingState } from "../../models/index.js";
import type { Forward } from "../precision.js";

/** Above this many scores at the picture's own size, classes are enlarged instead of scores. */
const MOST_SCORES = 2 ** 27;

/** Where the classes are wanted. */
export interface LabelOptions {
  /** Height and width of the result. */
  readonly size: Size;
  /** The part of the network's input that is asked about; all of it unless given. */
  readonly region?: InputRegion | undefined;
}

/** The class of every pixel: scores are enlarged bilinearly, then the largest wins. */
export function labelInput(forward: Forward, input: Tensor, options: LabelOptions): LabelMap {
  return scope("label input", () => noGrad(() => labelsOf(forward.run(input).logits, options)));
}

/**
 * The answer of a spiking network after each of its timesteps; the last one is that of {@link labelInput}.
 *
 * @param input - one example: frames `[T, 1, C, H, W]`, or an image `[1, C, H, W]` for all `timesteps`
 */
export function labelEachStep(
  forward: Forward,
  input: Tensor,
  { timesteps, ...options }: LabelOptions & { readonly timesteps: number },
): LabelMap[] {
  const constant = input.shape.length === 4;
  using state = new SpikingState();
  return Array.from({ length: constant ? timesteps : (input.shape[0] ?? 0) }, (_, t) =>
    scope("timestep", () => {
      const frame = constant ? reshape(input, [1, ...input.shape]) : narrow(input, 0, t, 1);
      return labelNext(forward, frame, { state, ...options });
    }),
  );
}

/** The answer after further timesteps `[T', 1, C, H, W]` of a stream, whose membranes go on from `state`. */
export function labelNext(
  forward: Forward,
  frames: Tensor,
  { state, ...options }: LabelOptions & { readonly state: SpikingState },
): LabelMap {
  return scope("label stream", () => noGrad(() => labelsOf(forward.advance(frames, state), options)));
}

function labelsOf(logits: Tensor, { size: [height, width], region }: LabelOptions): LabelMap {
  const [, classes = 1, inputHeight = 0, inputWidth = 0] = logits.shape;
  const [top, left, rows, columns] = region ?? [0, 0, inputHeight, inputWidth];
  const inside = narrow(narrow(logits, 2, top, rows), 3, left, columns);
  const large = classes * height * width > MOST_SCORES;
  const scores = large ? inside : resizeBilinear(inside, [height, width]);
  const data = toDType(argmax(scores, 1), "uint8").toArray() as Uint8Array;
  return large
    ? resizeLabels({ height: rows, width: columns, data }, [height, width])
    : { height, width, data };
}
