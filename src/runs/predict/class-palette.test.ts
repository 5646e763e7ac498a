/** Predictions have the colours of the data set that the network was trained on, whichever kind it is of. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Config, flagLayer, resolveConfig } from "../../config/index.js";
import { distinctColors, openDataset } from "../../datasets/index.js";
import { classPalette } from "./class-palette.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-palette-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const configOf = (values: Record<string, unknown>): Config => resolveConfig([flagLayer(values)]).config;

describe("classPalette", () => {
  it("is the digits' own, whose background is black", async () => {
    const spec = {
      name: "digits",
      imgSize: [8, 8],
      preprocessing: "paper",
      trainSize: 1,
      valSize: 1,
    } as const;
    const { classes, colors } = await openDataset(spec, "val");
    const palette = await classPalette(configOf({ dataset: "digits" }), classes.length);
    expect(palette).toEqual(colors);
    expect(palette[0]).toEqual([0, 0, 0]);
  });

  it("is that of VOC2012, DDD17, DSEC and of a class file", async () => {
    const root = folder;
    const voc = await classPalette(configOf({ dataset: "voc2012", root }), 21);
    expect(voc.slice(0, 3)).toEqual([
      [0, 0, 0],
      [128, 0, 0],
      [0, 128, 0],
    ]);
    expect((await classPalette(configOf({ dataset: "ddd17", root }), 6))[0]).toEqual([128, 64, 128]);
    expect(await classPalette(configOf({ dataset: "dsec", root }), 11)).toHaveLength(11);
    const colors = [
      [1, 2, 3],
      [4, 5, 6],
    ];
    await writeFile(join(root, "dataset.json"), JSON.stringify({ classes: ["a", "b"], colors }));
    for (const dataset of ["folder", "events"]) {
      expect(await classPalette(configOf({ dataset, root }), 2)).toEqual(colors);
    }
  });

  it("keeps classes apart where the data set has others, or is gone", async () => {
    expect(await classPalette(configOf({ dataset: "digits" }), 4)).toEqual(distinctColors(4));
    const root = join(folder, "gone");
    expect(await classPalette(configOf({ dataset: "folder", root }), 3)).toEqual(distinctColors(3));
  });
});
