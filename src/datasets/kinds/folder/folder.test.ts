import { rmSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "../../../../tests/shared-data.js";
import { DataFormatError, FileError, OptionError } from "../../../errors.js";
import {
  encodeMaskPng,
  encodePicturePng,
  readPicture,
  resizeLabels,
  resizePicture,
} from "../../../images/index.js";
import { folderTree, maskOf, pictureOf, put, temporaryFolder } from "../../fixtures/trees.js";
import { openDataset } from "../../index.js";

const context = { seed: 0, epoch: 0 };
const base = temporaryFolder();
let root = "";
let trees = 0;

function freshTree(options?: Parameters<typeof folderTree>[1]): string {
  const tree = join(base, String(trees++));
  folderTree(tree, options);
  return tree;
}

beforeAll(() => {
  root = freshTree();
});

describe("folder data set", () => {
  it("prepares image and mask in the order of the list", async () => {
    const dataset = await openDataset(
      { name: "folder", root, imgSize: [10, 9], preprocessing: "unit" },
      "val",
    );
    expect(dataset).toMatchObject({ length: 6, channels: 3, frames: 0, size: [10, 9] });
    expect(dataset.id(0)).toBe("images/5");
    expect(dataset.classes).toEqual(["class 0", "class 1", "class 2", "class 3"]);
    expect(new Set(dataset.colors.map(String)).size).toBe(4);
    const { image, label } = await dataset.read(0, context);
    const expected = resizePicture(await readPicture(join(root, "images/5.png")), [10, 9]);
    expect(image).toHaveLength(270);
    image.forEach((value, i) => {
      expect(value).toBeCloseTo((expected.data[i] as number) / 255, 6);
    });
    const raw = maskOf(20, 28, { seed: 1005, classes: 4 });
    const { decodeMask } = await import("../../../images/index.js");
    expect(label).toEqual(resizeLabels(decodeMask(raw, "raw"), [10, 9]).data);
  });

  it("maps the void id to 255, and takes 255 for void only where the class list names no other", async () => {
    const tree = freshTree({ count: 1, classes: 4 });
    put(join(tree, "dataset.json"), JSON.stringify({ classes: ["a", "b", "c"], void: 3 }));
    const dataset = await openDataset({ name: "folder", root: tree, imgSize: [20, 28] }, "train");
    const { label } = await dataset.read(0, context);
    expect([...new Set(label)].sort((a, b) => a - b)).toEqual([0, 1, 2, 255]);

    put(
      join(tree, "masks/0.png"),
      encodeMaskPng({ height: 20, width: 28, data: new Uint8Array(560).fill(255) }),
    );
    await expect(dataset.read(0, context)).rejects.toThrow(
      /masks\/0\.png: expected ids 0 to 2 or void 3, received 255/,
    );
    put(join(tree, "dataset.json"), JSON.stringify({ classes: ["a", "b", "c"] }));
    const usual = await openDataset({ name: "folder", root: tree, imgSize: [2, 2] }, "train");
    expect((await usual.read(0, context)).label).toEqual(new Uint8Array(4).fill(255));
  });

  it("reads true-colour masks by the listed colours, void's included", async () => {
    const tree = freshTree({ count: 1 });
    const pixels = Uint8Array.from([1, 2, 3, 9, 9, 9, 200, 0, 0, 1, 2, 3]);
    put(join(tree, "images/0.png"), encodePicturePng({ height: 2, width: 2, data: pixels }));
    put(join(tree, "masks/0.png"), encodePicturePng({ height: 2, width: 2, data: pixels }));
    const colors = [
      [200, 0, 0],
      [1, 2, 3],
      [9, 9, 9],
    ];
    put(join(tree, "dataset.json"), JSON.stringify({ classes: ["red", "dark"], void: 2, colors }));
    const dataset = await openDataset({ name: "folder", root: tree, imgSize: [2, 2] }, "train");
    expect((await dataset.read(0, context)).label).toEqual(Uint8Array.of(1, 255, 0, 1));
    expect(dataset.colors).toEqual([
      [200, 0, 0],
      [1, 2, 3],
    ]);
  });

  it("reads lists of other systems: a byte order mark, tabs at the ends, absolute paths", async () => {
    const tree = freshTree();
    const lines = [
      "\uFEFFimages/0.png\tmasks/0.png\t",
      ` ${join(tree, "images/1.png")} \t ${join(tree, "masks/1.png")}`,
      "/images/2.png /masks/2.png \t",
    ];
    put(join(tree, "train.txt"), lines.join("\r\n"));
    const dataset = await openDataset({ name: "folder", root: tree, imgSize: [8, 8] }, "train");
    expect(dataset.length).toBe(3);
    for (let i = 0; i < 3; i++) expect((await dataset.stored(i)).size).toEqual([20, 28]);
    expect(dataset.id(0)).toBe("images/0");
  });

  it("turns a photograph with its EXIF; a mask drawn on the stored pixels is told how to be read", async () => {
    const tree = freshTree({ count: 1 });
    const photo = sharp(join(tree, "images/0.png")).withMetadata({ orientation: 6 });
    put(join(tree, "images/0.png"), await photo.png().toBuffer());
    const spec = { name: "folder", root: tree, imgSize: [8, 8] } as const;
    const turned = await openDataset(spec, "train");
    await expect(turned.stored(0)).rejects.toThrow(/expected 28x20 .*add --orientation stored/);
    const stored = await openDataset({ ...spec, orientation: "stored" }, "train");
    expect((await stored.stored(0)).size).toEqual([20, 28]);
    const classes = ["a", "b", "c", "d"];
    put(join(tree, "dataset.json"), JSON.stringify({ classes, orientation: "stored" }));
    const asListed = await openDataset(spec, "train");
    expect([asListed.orientation, (await asListed.stored(0)).size]).toEqual(["stored", [20, 28]]);
    put(join(tree, "masks/0.png"), maskOf(28, 20, { seed: 1, classes: 4 }));
    const again = await openDataset({ ...spec, orientation: "turned" }, "train");
    expect((await again.stored(0)).size).toEqual([28, 20]);
  });

  it("letterboxes with void around a picture of another aspect", async () => {
    const tree = freshTree({ count: 1, height: 10, width: 20 });
    const spec = { name: "folder", root: tree, imgSize: [12, 12], preprocessing: "imagenet" } as const;
    const { image, label } = await (await openDataset(spec, "train")).read(0, context);
    const rows = Array.from({ length: 12 }, (_, y) =>
      label.subarray(12 * y, 12 * y + 12).every((id) => id === 255),
    );
    expect(rows.map(Number).join("")).toBe("111000000111");
    expect(image.subarray(0, 36).every((value) => Math.abs(value) < 1e-6)).toBe(true);
    expect(image.subarray(36, 48).every((value) => Math.abs(value) > 1e-6)).toBe(true);
  });
});

describe("errors of a folder data set name the file and the remedy", () => {
  const open = (tree: string, split = "train") =>
    openDataset({ name: "folder", root: tree, imgSize: [8, 8] }, split);

  it("missing folder, class list and split list", async () => {
    await expect(open(join(base, "absent"))).rejects.toThrow(
      /expected the folder .*absent, received no such folder/,
    );
    const tree = freshTree();
    await expect(open(join(tree, "train.txt"))).rejects.toThrow(
      /expected the folder .*train\.txt, received a file; check the root/,
    );
    await expect(open(tree, "test")).rejects.toThrow(
      /split test: expected the list .*test\.txt.*lists for train, val/,
    );
    rmSync(join(tree, "dataset.json"));
    await expect(open(tree)).rejects.toThrow(/class list .*dataset\.json.*--classes/);
    await expect(open(tree)).rejects.toThrow(FileError);
  });

  it("empty list, malformed line, missing file", async () => {
    const tree = freshTree();
    put(join(tree, "train.txt"), "\n  \n# nothing\n");
    await expect(open(tree)).rejects.toThrow(/train\.txt: expected at least one example/);
    put(join(tree, "train.txt"), "images/0.png masks/0.png\nimages/1.png\n");
    await expect(open(tree)).rejects.toThrow(/train\.txt, line 2: expected two paths/);
    put(
      join(tree, "train.txt"),
      "images/0.png masks/0.png\n\nimages/x.png masks/0.png\nimages/y.png masks/0.png\n",
    );
    await expect(open(tree)).rejects.toThrow(
      /train\.txt, line 3: expected the file .*x\.png, received no such file and 1 more/,
    );
  });

  it("a damaged class list", async () => {
    const tree = freshTree();
    const write = (content: unknown) =>
      put(join(tree, "dataset.json"), typeof content === "string" ? content : JSON.stringify(content));
    write("{");
    await expect(open(tree)).rejects.toThrow(/dataset\.json: expected JSON/);
    write({ classes: [] });
    await expect(open(tree)).rejects.toThrow(/wrong classes/);
    write({ classes: ["a", "b"], colors: [[1, 2, 3]] });
    await expect(open(tree)).rejects.toThrow(/a colour for each of 2 classes, received 1/);
    write({
      classes: ["a", "b"],
      colors: [
        [1, 2, 3],
        [1, 2, 3],
      ],
    });
    await expect(open(tree)).rejects.toThrow(DataFormatError);
  });

  it("image and mask of different sizes, and an id that is no class", async () => {
    const tree = freshTree({ count: 2, classes: 3 });
    put(join(tree, "masks/0.png"), maskOf(21, 28, { seed: 0, classes: 3 }));
    put(join(tree, "images/1.png"), pictureOf(20, 28, 5));
    put(join(tree, "masks/1.png"), maskOf(20, 28, { seed: 0, classes: 4 }));
    const dataset = await open(tree);
    await expect(dataset.read(0, context)).rejects.toThrow(/masks\/0\.png: expected 20x28 .* received 21x28/);
    await expect(dataset.read(1, context)).rejects.toThrow(
      /masks\/1\.png: expected ids 0 to 2 .*, received 3 at column/,
    );
    await expect(dataset.read(2, context)).rejects.toThrow(OptionError);
  });

  it("an image size of zero", async () => {
    await expect(openDataset({ name: "folder", root, imgSize: [0, 64] }, "train")).rejects.toThrow(
      OptionError,
    );
  });
});

describe.skipIf(!sharedData)("CamVid as a folder data set (needs the shared data)", () => {
  it("loads both splits with the published class ids", async () => {
    const classesFile = join(base, "camvid.json");
    const classes = [
      "sky",
      "building",
      "pole",
      "road",
      "pavement",
      "tree",
      "sign",
      "fence",
      "car",
      "pedestrian",
      "bicyclist",
    ];
    put(classesFile, JSON.stringify({ classes, void: 11 }));
    const spec = {
      name: "folder",
      root: join(sharedData as string, "camvid"),
      classesFile,
      imgSize: [48, 64],
    } as const;
    const train = await openDataset(spec, "train");
    const val = await openDataset(spec, "val");
    expect([train.length, val.length]).toEqual([367, 101]);
    const { image, label } = await val.read(100, context);
    expect(image.every((value) => Math.abs(value) < 0.7)).toBe(true);
    expect(label.every((id) => id < 11 || id === 255)).toBe(true);
  });
});
