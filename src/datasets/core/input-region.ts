/** Where in a network's input something lies. */

/** A rectangle of the network's input: `[top, left, height, width]`. */
export type InputRegion = readonly [top: number, left: number, height: number, width: number];
