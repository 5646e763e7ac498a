/** Numbers with a shape. */
import type { NirTensor } from "./nir-graph.js";

/** Of all numbers of a file; a small packed file may state any size. */
export const mostBytes = 2 ** 31;

/** Elements of a shape. */
export const cells = (shape: readonly number[]): number => shape.reduce((product, edge) => product * edge, 1);

/** The same number everywhere. */
export function filled(shape: readonly number[], value: number): NirTensor {
  return { shape, data: new Float32Array(cells(shape)).fill(value) };
}
