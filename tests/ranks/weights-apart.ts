/** How far two trainings' networks are apart. */
import { join } from "node:path";
import { expect } from "vitest";
import { loadCheckpoint } from "../../src/serialization/index.js";

/** The largest difference of two runs' last weights and statistics, as a share of the largest value. */
export async function weightsApart(one: string, other: string): Promise<number> {
  const [a, b] = await Promise.all(
    [one, other].map(
      async (run) => (await loadCheckpoint(join(run, "checkpoints/last.safetensors"))).tensors,
    ),
  );
  let [apart, largest] = [0, 0];
  expect([...a!.keys()]).toEqual([...b!.keys()]);
  for (const [name, { data }] of a!) {
    const values = b!.get(name)!.data;
    for (let i = 0; i < data.length; i++) {
      apart = Math.max(apart, Math.abs(Number(data[i]) - Number(values[i])));
      largest = Math.max(largest, Math.abs(Number(data[i])));
    }
  }
  return apart / largest;
}
