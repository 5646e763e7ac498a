/** Pictures, masks and lists as people have them: each case of the shared collection gives what viewers and the field's tools give. */
import { cpSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../src/datasets/fixtures/trees.js";
import {
  classSuspicions,
  datasetStatistics,
  generateLists,
  openDataset,
  verifyLists,
  writeLists,
} from "../src/datasets/index.js";
import { readPicture } from "../src/images/index.js";
import { pictureFiles } from "../src/runs/index.js";
import { sharedFolder } from "./shared-data.js";

const cases = sharedFolder("cases") ?? "";
const base = temporaryFolder();
const specOf = (root: string) => ({ name: "folder", root, imgSize: [8, 8] }) as const;
const open = (name: string) => openDataset(specOf(join(cases, name)), "train");

/** Pixels of each class, and of void at the end. */
async function pixelsOf(name: string): Promise<number[]> {
  const { classes, voidPixels } = await datasetStatistics(await open(name));
  return [...classes.map(({ pixels }) => pixels), voidPixels];
}

/** A case without lists in a folder of its own, with the lists that are made for it. */
async function withLists(name: string) {
  const root = join(base, name);
  cpSync(join(cases, name), root, { recursive: true });
  const generated = await generateLists(specOf(root));
  await writeLists(generated.lists);
  const { reports } = await verifyLists(specOf(root));
  expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
  return { ...generated, reports };
}

describe.skipIf(cases === "")("cases (skipped without the shared data)", () => {
  it("rf_valid: a folder valid is val", async () => {
    const { reports, leftOut } = await withLists("rf_valid");
    expect(reports.map(({ split, examples }) => [split, examples])).toEqual([
      ["train", 10],
      ["val", 10],
    ]);
    expect(leftOut).toEqual([]);
  });

  it("apple: files of macOS are left out everywhere", async () => {
    const { lists, leftOut } = await withLists("apple");
    expect(lists.flatMap(({ lines }) => lines)).toHaveLength(5);
    expect(JSON.stringify([lists, leftOut])).not.toContain("._");
    const files = await pictureFiles([join(cases, "apple/images")]);
    expect(files.map((file) => basename(file))).toEqual(["0.jpg", "1.jpg", "2.jpg", "3.jpg", "4.jpg"]);
  });

  it("bin255: the class that never occurs is said, with the id that looks like it", async () => {
    const dataset = await open("bin255");
    const [pixels, voidPixels] = [[60, 0], 132];
    expect(await pixelsOf("bin255")).toEqual([...pixels, voidPixels]);
    const [unseen] = classSuspicions(dataset, { pixels, voidPixels });
    expect(unseen).toMatchObject({ code: "class-unseen", split: "train" });
    expect(unseen?.message).toMatch(
      /class fg never occurs in train, while 68\.8 % .* void \(id 255\).*"ids"/,
    );
  });

  it.each(["bin255cols", "bin255colsRGB"])("%s: colours decide", async (name) => {
    expect(await pixelsOf(name)).toEqual([60, 132, 0]);
  });

  it("rgbgray_cols: equal channels are ids where they are no colours", async () => {
    expect(await pixelsOf("rgbgray_cols")).toEqual([60, 63, 69, 0]);
  });

  it("voidcol_default: the colour after the classes' is void", async () => {
    expect((await pixelsOf("voidcol_default")).at(-1)).toBe(16);
  });

  it("exif6_square: photographs are turned, or left as stored where asked", async () => {
    const skyOf = async (orientation?: "stored") => {
      const spec = specOf(join(cases, "exif6_square"));
      const dataset = await openDataset({ ...spec, ...(orientation && { orientation }) }, "train");
      const { values, label } = await dataset.stored(0);
      const sky = [...label.keys()].filter((i) => label[i] === 1);
      return [0, 1, 2].map((c) => {
        const sum = sky.reduce((total, i) => total + values[c * label.length + i]!, 0);
        return Math.floor(sum / sky.length);
      });
    };
    expect(await skyOf()).toEqual([79, 119, 227]);
    expect(await skyOf("stored")).toEqual([66, 79, 116]);
  });

  it("samsung_sos.jpg: read as viewers do", async () => {
    expect(await readPicture(join(cases, "samsung_sos.jpg"))).toMatchObject({ height: 48, width: 64 });
  });

  it("f32.tif: values 0 to 1 are scaled", async () => {
    const { data } = await readPicture(join(cases, "f32.tif"));
    expect(Array.from(data.subarray(0, 6))).toEqual([127, 127, 127, 213, 213, 213]);
  });

  it.each(["interl2", "jsonbom", "trailtab"])("%s: read", async (name) => {
    expect(await pixelsOf(name)).toEqual([60, 63, 69, 0]);
  });

  it("sx_gif: GIF pictures are listed and read", async () => {
    const { reports } = await withLists("sx_gif");
    expect(reports.reduce((sum, { examples }) => sum + examples, 0)).toBe(2);
    const dataset = await openDataset(specOf(join(base, "sx_gif")), "train");
    expect((await dataset.stored(0)).channels).toBe(3);
  });
});
