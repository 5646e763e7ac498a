/**
 * Random changes of training examples, the same for image and label and for all frames of a sequence.
 *
 * They work on prepared examples, at the network's size, before normalisation; but for `"scale-crop"`, which is in
 * scale-crop.ts.
 */
import { checkInteger, checkNumber, checkOneOf } from "../../checks/index.js";
import { OptionError } from "../../errors.js";
import type { Planes, Size } from "../../images/index.js";
import { voidLabel } from "../../metrics/index.js";
import { Draws } from "../../random/index.js";

const kinds = ["geometric", "picture", "scale-crop"] as const;

/** The scales of `"scale-crop"` unless others are given. */
export const defaultScales = [0.5, 2] as const;

/**
 * - `"geometric"`: horizontal flip, scale 0.5 … 2, shift by up to 25 % of each side, rotation by up to 15°, nearest
 *   neighbour; what comes from outside is 0 in the image (for events: no event)
 * - `"picture"`: horizontal flip, scale 0.5 … 2 with a random crop (or place, when smaller), bilinear, and
 *   brightness, contrast and saturation by up to 20 %; outside is mid grey
 * - `"scale-crop"`: the same from the picture and the mask as their files hold them, so that what is enlarged keeps its
 *   detail: resized to `scale` times the network's size, with smoothing, and a random part of it, or all of it at a
 *   random place; outside is the colour that becomes 0. For data sets of picture files
 */
export interface Augmentation {
  /** Which of the changes above. */
  readonly kind: (typeof kinds)[number];
  /** Label of pixels from outside the image: `"void"` (default), or class `"zero"`, as in the reference. */
  readonly labelFill?: "void" | "zero";
  /** Of `"scale-crop"`: least and largest scale, above 0 and up to 16, between which all are equally likely (default [0.5, 2]). */
  readonly scale?: readonly [least: number, largest: number];
  /** Of `"scale-crop"`: height and width of the part that the network sees in training (default: its usual input's). */
  readonly crop?: Size;
}

/** @throws OptionError if the kind is unknown, the scales are no range, or a crop is said of a kind that has none */
export function checkAugmentation({
  kind,
  scale: [least, largest] = defaultScales,
  crop,
}: Augmentation): void {
  checkOneOf("augment", "kind", kind, kinds);
  if (crop !== undefined && kind !== "scale-crop") {
    throw new OptionError(
      `augment: expected no crop with the kind ${kind}, received ${crop.join("x")}; leave it out, or choose scale-crop`,
    );
  }
  checkNumber("augment", "the least scale", least, { above: 0 });
  checkNumber("augment", "the largest scale", largest, { least, most: 16 });
  for (const side of crop ?? []) checkInteger("augment", "each side of the crop", side, { most: 4096 });
}

/** The label of pixels from outside the image. */
export function outsideLabel({ labelFill }: Augmentation): number {
  return labelFill === "zero" ? 0 : voidLabel;
}

/** Maps a pixel of the result to its place in the source; pixel centres are integers. */
interface Placement {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

export interface AugmentedExample {
  readonly planes: readonly Planes[];
  readonly label: Uint8Array;
}

/**
 * Draws one change from `seed` and applies it to all frames and the label; the inputs are not changed.
 *
 * @param frames - each `[C, H, W]`, at least one
 * @param label - `[H, W]`
 */
export function augmentExample(
  frames: readonly Planes[],
  label: Uint8Array,
  { augment, seed }: { readonly augment: Augmentation; readonly seed: number },
): AugmentedExample {
  const { height, width } = frames[0] as Planes;
  const draws = new Draws(seed);
  const fill = outsideLabel(augment);
  if (augment.kind === "geometric") {
    const placement = geometricPlacement(draws, height, width);
    return {
      planes: frames.map((frame) => sampleNearest(frame, placement)),
      label: sampleLabel(label, { height, width, placement, fill }),
    };
  }
  const placement = cropPlacement(draws, height, width);
  const color = colorChange(draws);
  return {
    planes: frames.map((frame) => color(sampleBilinear(frame, placement))),
    label: sampleLabel(label, { height, width, placement, fill }),
  };
}

/** The inverse of: flip, scale, rotate about the centre, shift. */
function geometricPlacement(draws: Draws, height: number, width: number): Placement {
  const flip = draws.chance(0.5) ? -1 : 1;
  const scale = draws.between(0.5, 2);
  const shiftX = draws.between(-0.25, 0.25) * width;
  const shiftY = draws.between(-0.25, 0.25) * height;
  const angle = (draws.between(-15, 15) * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle) / scale, Math.sin(angle) / scale];
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  return {
    xx: flip * cos,
    xy: flip * sin,
    x0: cx - flip * (cos * (cx + shiftX) + sin * (cy + shiftY)),
    yx: -sin,
    yy: cos,
    y0: cy + sin * (cx + shiftX) - cos * (cy + shiftY),
  };
}

/** A window of the source of 1/scale its size, anywhere inside; or the whole source, anywhere in the result. */
function cropPlacement(draws: Draws, height: number, width: number): Placement {
  const flip = draws.chance(0.5);
  const scale = 2 ** draws.between(-1, 1);
  const [wx, wy] = [width / scale, height / scale];
  const left = draws.uniform() * (width - wx);
  const top = draws.uniform() * (height - wy);
  // Result pixel x covers the source from left + x/scale on; its centre is half a pixel further.
  const x0 = left + 0.5 / scale - 0.5;
  const y0 = top + 0.5 / scale - 0.5;
  return {
    xx: flip ? -1 / scale : 1 / scale,
    xy: 0,
    x0: flip ? x0 + (width - 1) / scale : x0,
    yx: 0,
    yy: 1 / scale,
    y0,
  };
}

function sampleNearest({ channels, height, width, data }: Planes, placement: Placement): Planes {
  const sampled = new Float32Array(data.length);
  forEachSource({ height, width, placement }, (i, source) => {
    for (let c = 0; c < channels; c++) {
      sampled[c * height * width + i] = data[c * height * width + source] as number;
    }
  });
  return { channels, height, width, data: sampled };
}

function sampleLabel(
  label: Uint8Array,
  { fill, ...frame }: { height: number; width: number; placement: Placement; fill: number },
): Uint8Array {
  const sampled = new Uint8Array(label.length).fill(fill);
  forEachSource(frame, (i, source) => {
    sampled[i] = label[source] as number;
  });
  return sampled;
}

/** Calls `visit` for each pixel of the result whose nearest source pixel lies inside. */
function forEachSource(
  { height, width, placement }: { height: number; width: number; placement: Placement },
  visit: (i: number, source: number) => void,
): void {
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const sx = Math.floor(placement.xx * x + placement.xy * y + placement.x0 + 0.5);
      const sy = Math.floor(placement.yx * x + placement.yy * y + placement.y0 + 0.5);
      if (sx >= 0 && sx < width && sy >= 0 && sy < height) visit(i, sy * width + sx);
    }
  }
}

const midGrey = 127.5;

function sampleBilinear({ channels, height, width, data }: Planes, placement: Placement): Planes {
  const pixels = height * width;
  const sampled = new Float32Array(data.length).fill(midGrey);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const px = placement.xx * x + placement.x0;
      const py = placement.yy * y + placement.y0;
      if (px < -0.5 || px >= width - 0.5 || py < -0.5 || py >= height - 0.5) continue;
      const [left, top] = [Math.floor(px), Math.floor(py)];
      const [fx, fy] = [px - left, py - top];
      const [x0, x1] = [Math.max(0, left), Math.min(width - 1, left + 1)];
      const [y0, y1] = [Math.max(0, top) * width, Math.min(height - 1, top + 1) * width];
      for (let c = 0; c < channels; c++) {
        const at = (k: number) => data[c * pixels + k] as number;
        const upper = at(y0 + x0) * (1 - fx) + at(y0 + x1) * fx;
        const lower = at(y1 + x0) * (1 - fx) + at(y1 + x1) * fx;
        sampled[c * pixels + i] = upper * (1 - fy) + lower * fy;
      }
    }
  }
  return { channels, height, width, data: sampled };
}

/** Brightness, contrast about mid grey, saturation about the pixel's grey; the result stays in 0 … 255. */
export function colorChange(draws: Draws): (planes: Planes) => Planes {
  const shift = draws.between(-0.2, 0.2) * midGrey;
  const contrast = draws.between(0.8, 1.2);
  const saturation = draws.between(0.8, 1.2);
  return (planes) => {
    const { channels, data: from } = planes;
    const pixels = planes.height * planes.width;
    const data = new Float32Array(from.length);
    // Variables of this function stay in registers, those of the outer one do not.
    const [strength, stretch, middle, up] = [saturation, contrast, midGrey, shift];
    for (let i = 0; i < pixels; i++) {
      let grey = 0;
      for (let k = i; k < from.length; k += pixels) grey += from[k]! / channels;
      for (let k = i; k < from.length; k += pixels) {
        const colored = grey + strength * (from[k]! - grey);
        const value = (colored - middle) * stretch + middle + up;
        data[k] = value < 0 ? 0 : value > 255 ? 255 : value;
      }
    }
    return { ...planes, data };
  };
}
