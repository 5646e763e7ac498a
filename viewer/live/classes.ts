/** Maps of classes: their colours and shares. */
import { drawPixels } from "./elements.js";
import type { Labels } from "./messages.js";

/** Names and colours of the classes. */
export interface Palette {
  readonly classes: readonly string[];
  readonly colors: readonly (readonly [red: number, green: number, blue: number])[];
}

/** Share of the pixels of each class. */
export function classShares(data: Uint8Array, classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of data) counts[label]!++;
  return counts.map((count) => count / data.length);
}

/** Classes in their colours; what `isSeen` leaves out is transparent. */
export function drawClasses(
  canvas: HTMLCanvasElement,
  labels: Labels,
  { colors }: Palette,
  isSeen: (k: number) => boolean = () => true,
): void {
  const seen = colors.map((_, k) => isSeen(k));
  drawPixels(canvas, labels, (rgba) => {
    for (let i = 0; i < labels.data.length; i++) {
      const label = labels.data[i]!;
      if (seen[label] !== true) continue;
      const [red, green, blue] = colors[label]!;
      rgba[4 * i] = red;
      rgba[4 * i + 1] = green;
      rgba[4 * i + 2] = blue;
      rgba[4 * i + 3] = 255;
    }
  });
}
