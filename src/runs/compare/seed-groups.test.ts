/** Which runs of a report are seeds of one training, and what they are called together. */
import { expect, it } from "vitest";
import { resolveConfig } from "../../config/index.js";
import type { ImageCounts } from "../../metrics/index.js";
import { type SeededRun, seedGroups, trainingKey } from "./seed-groups.js";

const image = (right: number): ImageCounts => ({
  hits: Float64Array.of(right),
  truth: Float64Array.of(10),
  predicted: Float64Array.of(10),
});
/** IoU is right/(20 − right): 1/3 of 5. */
function run(name: string, training: string, seed: number | undefined, right = 5): SeededRun {
  return { name, training, seed, meanIoU: right / (20 - right), counts: [image(right), image(right)] };
}
const names = (runs: readonly SeededRun[]) => seedGroups(runs, 0).map(({ name }) => name);

it("groups runs that differ in their seeds, in the order of their first runs", () => {
  const groups = seedGroups(
    [
      ...[run("ann-0", "a", 0, 5), run("ann-0 in 8 bits", "a8", 0, 4), run("snn-0", "s", 0, 4)],
      ...[run("ann-1", "a", 1, 10), run("ann-1 in 8 bits", "a8", 1, 8), run("snn-1", "s", 1, 8)],
    ],
    0,
  );
  expect(groups.map(({ name, runs }) => [name, runs])).toEqual([
    ["ann", [0, 3]],
    ["ann in 8 bits", [1, 4]],
    ["snn", [2, 5]],
  ]);
  const [ann, , snn] = groups;
  expect(ann!.meanIoU).toBeCloseTo((1 / 3 + 1) / 2, 12);
  expect(ann!.deviation).toBeCloseTo((2 / 3) * Math.SQRT1_2, 12);
  expect(ann!.difference).toBeNull();
  const [pairs, mean] = [[1 / 4 - 1 / 3, 2 / 3 - 1], (1 / 4 + 2 / 3 - 1 / 3 - 1) / 2];
  expect(snn!.difference!.meanIoU).toBeCloseTo(mean, 12);
  // All images are alike, so their choice changes nothing; seeds do: t = 12.7062 for two.
  expect(snn!.difference!.interval.low).toBeCloseTo(mean, 12);
  const half = (12.7062 * Math.abs(pairs[0]! - pairs[1]!)) / 2;
  expect(snn!.difference!.overSeeds!.low).toBeCloseTo(mean - half, 5);
});

it("has no groups without a repetition, and takes one seed twice for none", () => {
  expect(seedGroups([run("a", "x", 0), run("b", "y", 1)], 0)).toEqual([]);
  expect(seedGroups([run("best", "x", 0), run("last", "x", 0)], 0)).toEqual([]);
  expect(seedGroups([run("a", "x", undefined), run("b", "x", undefined)], 0)).toEqual([]);
});

it("compares seed by seed only where both trainings have the same seeds", () => {
  const [, other] = seedGroups([run("a-0", "a", 0), run("a-1", "a", 1), run("b", "b", 0)], 0);
  expect(other).toMatchObject({ name: "b", runs: [2], deviation: null });
  expect(other!.difference!.overSeeds).toBeNull();
});

it.each([
  [["vgg9-0", "vgg9-1"], "vgg9"],
  [["ann-10", "ann-11"], "ann"],
  [["seed 1 of ann", "seed 2 of ann"], "seed of ann"],
  [["0", "1"], "0, 1"],
  [["left", "right"], "left, right"],
])("calls %j %s", (given, name) => {
  expect(names(given.map((each, i) => run(each, "x", i)))).toEqual([name]);
});

it("tells trainings apart by all that is learnt from, not by seed, machine and places", () => {
  const key = (flags: Record<string, unknown>, variant?: string) => {
    const values = {
      root: "here",
      dataset: "folder",
      neuron: "integer",
      timesteps: 1,
      encoding: "direct",
      ...flags,
    };
    const { config } = resolveConfig([{ source: "flag", where: "", values }]);
    return trainingKey({ meta: { config }, model: { config: { kind: "ann" } } } as never, variant);
  };
  const usual = key({});
  for (const same of [{ seed: 3 }, { threads: 1 }, { run: "elsewhere" }, { root: "there" }, { cacheMb: 7 }]) {
    expect(key(same)).toBe(usual);
  }
  for (const other of [{ lr: 0.5 }, { epochs: 3 }, { precision: "bf16" }, { levels: 8 }]) {
    expect(key(other)).not.toBe(usual);
  }
  expect(key({}, "in 8 bits")).not.toBe(usual);
});
