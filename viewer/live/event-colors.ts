/** Colours in which events are drawn. */

import type { EventColors } from "../../src/report/web.js";

/** By the name that the reader chooses. */
export const eventColors = {
  "blue and red": { ground: [255, 255, 255], brighter: [0, 0, 255], darker: [255, 0, 0] },
  "white and black": { ground: [128, 128, 128], brighter: [255, 255, 255], darker: [0, 0, 0] },
  "green and magenta": { ground: [16, 18, 22], brighter: [60, 220, 110], darker: [230, 70, 200] },
} as const satisfies Readonly<Record<string, EventColors>>;

/** A choice of colours. */
export type EventColorName = keyof typeof eventColors;
