import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyData } from "../../../../tests/cli/tiny-data.js";
import { OptionError } from "../../../errors.js";
import { openDataset } from "../open-dataset.js";
import type { SimulatedSpec } from "./simulated.js";

const root = mkdtempSync(join(tmpdir(), "snnseg-simulated-"));
beforeAll(() => writeTinyData(root, { train: 4, val: 2 }));
afterAll(() => rmSync(root, { recursive: true }));

const spec: SimulatedSpec = { name: "simulated", root, imgSize: [24, 32] };
const open = (split: string, change: Partial<SimulatedSpec> = {}) =>
  openDataset({ ...spec, ...change }, split);

describe("simulated", () => {
  it("has the pictures' examples and classes, as counts of events that move with the labels", async () => {
    const [set, pictures] = [await open("train"), await openDataset({ ...spec, name: "folder" }, "train")];
    expect([set.length, set.classes, set.channels, set.frames]).toEqual([
      pictures.length,
      pictures.classes,
      2,
      0,
    ]);
    expect([0, 1].map((i) => set.id(i))).toEqual([0, 1].map((i) => pictures.id(i)));
    const { values, label } = await set.view(0);
    const count = (data: Float32Array) => data.reduce((sum, value) => sum + value, 0);
    expect(count(values)).toBeGreaterThan(50);
    // Whole numbers of events, and labels of the picture's own classes.
    expect(values.every((value) => Number.isInteger(value))).toBe(true);
    const known = new Set((await pictures.view(0)).label);
    expect([...label].every((id) => known.has(id) || id === 255)).toBe(true);
  });

  it("takes a new path at each reading of the training split, the same again for the same seed and epoch", async () => {
    const set = await open("train");
    const image = async (seed: number, epoch: number) => (await set.read(0, { seed, epoch })).image;
    expect(await image(1, 0)).toEqual(await image(1, 0));
    expect(await image(1, 0)).not.toEqual(await image(1, 1));
    expect(await image(1, 0)).not.toEqual(await image(2, 0));
  });

  it("scores the same events in every run", async () => {
    for (const [split, samePaths] of [
      ["val", false],
      ["train", true],
    ] as const) {
      const set = await open(split, { samePaths });
      expect((await set.read(0, { seed: 1, epoch: 0 })).image).toEqual(
        (await set.read(0, { seed: 2, epoch: 5 })).image,
      );
    }
  });

  it("gives sequences of windows that follow each other", async () => {
    const [one, three] = [
      await open("val", { windowUs: 30_000 }),
      await open("val", { windowUs: 10_000, sequence: 3 }),
    ];
    expect(three.frames).toBe(3);
    const [whole, parts] = [await one.view(0), await three.view(0)];
    const sum = (data: Float32Array) => data.reduce((total, value) => total + value, 0);
    // The same path: the three windows hold the events of the one, but for what other steps between pictures make of it.
    expect(Math.abs(sum(parts.values) / sum(whole.values) - 1)).toBeLessThan(0.02);
    expect(parts.label).toEqual(whole.label);
  });

  it("moves further with more motion, and not at all with none", async () => {
    const events = async (motion: number) => {
      const set = await open("val", { motion });
      return (await set.view(0)).values.reduce((total, value) => total + value, 0);
    };
    expect(await events(0)).toBe(0);
    expect(await events(2)).toBeGreaterThan(await events(0.5));
  });

  it("takes every representation, and refuses what is none", async () => {
    expect((await open("val", { representation: "ev-segnet" })).channels).toBe(6);
    expect((await open("val", { representation: "voxel", bins: 3 })).channels).toBe(3);
    await expect(open("val", { sensorModel: "dirty" as "noisy" })).rejects.toThrow(OptionError);
    await expect(open("val", { motion: -1 })).rejects.toThrow(OptionError);
    await expect(open("nowhere")).rejects.toThrow(/nowhere/);
  });
});
