import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "../../../../tests/shared-data.js";
import { FileError } from "../../../errors.js";
import { encodePaletteMaskPng, encodePicturePng } from "../../../images/index.js";
import { pictureOf, put, temporaryFolder } from "../../fixtures/trees.js";
import { openDataset, usualSplits, vocClasses, vocColor } from "../../index.js";

const base = temporaryFolder();
const context = { seed: 0, epoch: 0 };
const ids = Uint8Array.of(0, 1, 20, 255, 7, 255);
const mask = { height: 2, width: 3, data: ids };

/** Two pairs, one with a palette mask, one with a true-colour mask of the same ids. */
function vocTree(root: string, masks = "SegmentationClassAug"): void {
  put(join(root, "JPEGImages/a.jpg"), pictureOf(2, 3, 1));
  put(join(root, "JPEGImages/b.jpg"), pictureOf(2, 3, 2));
  put(
    join(root, masks, "a.png"),
    encodePaletteMaskPng(
      mask,
      vocClasses.map((_, id) => vocColor(id)),
    ),
  );
  const data = Uint8Array.from([...ids].flatMap((id) => [...vocColor(id)]));
  put(join(root, masks, "b.png"), encodePicturePng({ height: 2, width: 3, data }));
  put(join(root, "ImageSets/Segmentation/train.txt"), "a\nb\n");
  put(
    join(root, "ImageSets/Segmentation/val.txt"),
    `JPEGImages/b.jpg ${masks}/b.png\n/JPEGImages/a.jpg /${masks}/a.png\n`,
  );
}

beforeAll(() => vocTree(join(base, "plain")));

describe("voc2012", () => {
  const spec = { name: "voc2012", root: join(base, "plain"), imgSize: [2, 3] } as const;

  it("paints the classes as VOC does", () => {
    expect([1, 2, 15, 20, 255].map(vocColor)).toEqual([
      [128, 0, 0],
      [0, 128, 0],
      [192, 128, 128],
      [0, 64, 128],
      [224, 224, 192],
    ]);
  });

  it("reads lists of ids and of pairs, palette and true-colour masks", async () => {
    const train = await openDataset(spec, "train");
    const val = await openDataset(spec, "val");
    expect([train.id(0), train.id(1), val.id(0), val.id(1)]).toEqual(["a", "b", "b", "a"]);
    for (const dataset of [train, val]) {
      for (const index of [0, 1]) expect((await dataset.read(index, context)).label).toEqual(ids);
    }
    expect((await train.read(0, context)).image).toEqual((await val.read(1, context)).image);
  });

  it("turns void into background in any split, and only when asked", async () => {
    const paper = { ...spec, void: "background" } as const;
    const background = Uint8Array.of(0, 1, 20, 0, 7, 0);
    for (const split of ["train", "val"]) {
      expect((await (await openDataset(paper, split)).read(0, context)).label).toEqual(background);
      expect((await (await openDataset(spec, split)).read(0, context)).label).toEqual(ids);
    }
  });

  it("recognises the folder that the official archive unpacks to, without the masks of SBD", async () => {
    vocTree(join(base, "official/VOCdevkit/VOC2012"), "SegmentationClass");
    const official = { ...spec, root: join(base, "official") };
    expect((await (await openDataset(official, "train")).read(1, context)).label).toEqual(ids);
    expect(usualSplits(official)).toEqual({ train: "train", evaluate: "val" });
    put(join(base, "official/VOCdevkit/VOC2012/ImageSets/Segmentation/train_aug.txt"), "a\n");
    expect(usualSplits(official)).toEqual({ train: "train_aug", evaluate: "val" });
  });

  it("takes other lists where they are given", async () => {
    put(join(base, "plain/lists/mine.txt"), "b\n");
    const mine = await openDataset({ ...spec, lists: { train: "lists/mine.txt" } }, "train");
    expect([mine.length, mine.id(0)]).toEqual([1, "b"]);
  });

  it("names what is missing", async () => {
    const empty = join(base, "empty");
    put(join(empty, "readme"), "");
    await expect(openDataset({ ...spec, root: empty }, "train")).rejects.toThrow(
      /expected the folder JPEGImages in .*empty/,
    );
    await expect(openDataset(spec, "train_aug")).rejects.toThrow(FileError);
    put(join(base, "plain/lists/bad.txt"), "a\nmissing\n");
    const listed = openDataset({ ...spec, lists: { train: "lists/bad.txt" } }, "train");
    await expect(listed).rejects.toThrow(/bad\.txt, line 2: expected the file .*missing\.jpg/);
  });
});

describe.skipIf(!sharedData)("VOC2012's own files (need the shared data)", () => {
  const spec = { name: "voc2012", root: join(sharedData ?? "", "voc2012"), imgSize: [64, 64] } as const;

  it("has the documented number of pairs in every split", async () => {
    const lengths = await Promise.all(
      ["train_aug", "train", "val"].map(async (split) => (await openDataset(spec, split)).length),
    );
    expect(lengths).toEqual([311, 311, 107]);
    const small = { ...spec, root: join(sharedData as string, "voc2012-small") };
    expect([
      (await openDataset(small, "train_aug")).length,
      (await openDataset(small, "val")).length,
    ]).toEqual([3357, 446]);
  });
});
