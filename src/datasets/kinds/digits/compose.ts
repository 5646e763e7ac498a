/** Drawing digits onto a background: which, where, in what colour, and who covers whom. */
import { OptionError } from "../../../errors.js";
import { type Planes, type Rgb, resizePlanes, type Size } from "../../../images/index.js";
import type { Draws } from "../../../random/index.js";
import type { PreparedRecord } from "../../core/record.js";
import type { DigitPool } from "./digit-pool.js";

/** Ink, as a share of full ink, from which on a pixel belongs to the digit. */
const inkThreshold = 0.25;
const placementAttempts = 20;

/** How many, how large, and how they may lie. */
export interface Composition {
  readonly digits: readonly [number, number];
  readonly scale: readonly [number, number];
  readonly overlap: number;
  readonly occlusion: "first" | "last" | "random";
}

interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

interface PlacedDigit {
  readonly digit: number;
  readonly ink: Planes;
  readonly box: Box;
  readonly color: Rgb;
}

/** Draws digits onto a background, which becomes the picture. */
export function compose(
  background: Planes,
  pool: DigitPool,
  { composition, draws }: { readonly composition: Composition; readonly draws: Draws },
): PreparedRecord {
  const { height, width, data } = background;
  const [fewest, most] = composition.digits;
  const wanted = fewest + draws.integer(most - fewest + 1);
  const placed: PlacedDigit[] = [];
  for (let k = 0; k < wanted; k++) {
    const digit = draws.integer(10);
    const glyph = pool.glyph(digit, draws.integer(pool.count(digit)));
    const longer = draws.between(...composition.scale) * Math.min(height, width);
    const ink = resizePlanes(glyph, fittedSize(glyph, longer));
    const box = freePlace(ink, { size: [height, width], placed, overlap: composition.overlap, draws });
    if (box !== undefined) placed.push({ digit, ink, box, color: contrastingColor(background, box, draws) });
  }
  const label = new Uint8Array(height * width);
  const firstOnTop =
    composition.occlusion === "first" || (composition.occlusion === "random" && draws.chance(0.5));
  for (const digit of firstOnTop ? placed.toReversed() : placed) paint(digit, { height, width, data, label });
  // Whole numbers, so that the examples are the same when they are written as pictures and read again.
  return { values: data.map(Math.round), label };
}

function fittedSize({ height, width }: Planes, longer: number): Size {
  const scale = longer / Math.max(height, width);
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
}

/** A random place where the digit's box meets no other one too much, or `undefined` if none was found. */
function freePlace(
  ink: Planes,
  {
    size,
    placed,
    overlap,
    draws,
  }: { size: Size; placed: readonly PlacedDigit[]; overlap: number; draws: Draws },
): Box | undefined {
  const { height, width } = ink;
  for (let attempt = 0; attempt < placementAttempts; attempt++) {
    const top = draws.integer(size[0] - height + 1);
    const left = draws.integer(size[1] - width + 1);
    const box = { top, left, height, width };
    if (placed.every((other) => overlapShare(box, other.box) <= overlap)) return box;
  }
  return undefined;
}

/** Area that two boxes share, as a share of the smaller one. */
function overlapShare(a: Box, b: Box): number {
  const rows = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  const columns = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  if (rows <= 0 || columns <= 0) return 0;
  return (rows * columns) / Math.min(a.height * a.width, b.height * b.width);
}

/** A light colour on dark ground, a dark one on light ground. */
function contrastingColor({ height, width, data }: Planes, box: Box, draws: Draws): Rgb {
  let sum = 0;
  for (let c = 0; c < 3; c++) {
    for (let y = box.top; y < box.top + box.height; y++) {
      for (let x = box.left; x < box.left + box.width; x++)
        sum += data[(c * height + y) * width + x] as number;
    }
  }
  const dark = sum / (3 * box.height * box.width) > 127.5;
  const channel = () => (dark ? draws.between(0, 40) : draws.between(200, 255));
  return [channel(), channel(), channel()];
}

function paint(
  { digit, ink, box, color }: PlacedDigit,
  { height, width, data, label }: { height: number; width: number; data: Float32Array; label: Uint8Array },
): void {
  ink.data.forEach((value, i) => {
    const share = Math.min(1, value / 255);
    const at = (box.top + Math.floor(i / box.width)) * width + box.left + (i % box.width);
    for (let c = 0; c < 3; c++) {
      const k = c * height * width + at;
      data[k] = (data[k] as number) * (1 - share) + (color[c] as number) * share;
    }
    if (share >= inkThreshold) label[at] = digit + 1;
  });
}

/** @throws OptionError naming what is out of range */
export function checkComposition({ digits, scale, overlap }: Composition): void {
  const complain = (expected: string, received: string): never => {
    throw new OptionError(`open digits: expected ${expected}, received ${received}; correct the option`);
  };
  const whole = digits.every(Number.isInteger);
  if (!whole || digits[0] < 0 || digits[1] < digits[0] || digits[1] > 100) {
    complain("digits per example as [fewest, most] between 0 and 100", JSON.stringify(digits));
  }
  if (!(scale[0] > 0 && scale[0] <= scale[1] && scale[1] <= 1)) {
    complain("scale as [smallest, largest] in (0, 1]", JSON.stringify(scale));
  }
  if (!(overlap >= 0 && overlap <= 1)) complain("an overlap in [0, 1]", String(overlap));
}
