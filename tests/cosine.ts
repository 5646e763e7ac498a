/** Cosine of the angle between two vectors; 1 where both are 0. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    dot += value * b[i]!;
    aa += value * value;
    bb += b[i]! * b[i]!;
  }
  return aa === 0 && bb === 0 ? 1 : dot / Math.sqrt(aa * bb);
}
