import { readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedData } from "../../../tests/shared-data.js";
import { FileError, OptionError } from "../../errors.js";
import { folderTree, put, temporaryFolder } from "../fixtures/trees.js";
import {
  availableSplits,
  type Ddd17Spec,
  generateLists,
  openDataset,
  verifyLists,
  writeLists,
} from "../index.js";

const base = temporaryFolder();

/** Frame files are only named here, never opened. */
function ddd17Tree(root: string, frames: Readonly<Record<string, readonly string[]>>): Ddd17Spec {
  for (const [folder, names] of Object.entries(frames)) {
    for (const name of names) {
      put(join(root, `events/${folder}/${name}.npy`), "");
      put(join(root, `labels/${folder}/${name}.png`), "");
    }
  }
  return { name: "ddd17", root, imgSize: [8, 8] };
}

const numbered = (recording: string, first: number, count: number) =>
  Array.from({ length: count }, (_, i) => `${recording}_export_${first + i}`);

describe("generateLists", () => {
  it("walks DDD17 in natural order and cuts runs to a multiple", async () => {
    const train = [...numbered("rec10", 95, 9), ...numbered("rec10", 200, 3), ...numbered("rec9", 0, 5)];
    const spec = ddd17Tree(join(base, "ddd17"), {
      train,
      test: numbered("rec11", 0, 4),
      other: ["rec12_export_1"],
    });
    put(join(spec.root, "events/test/rec11_export_9.npy"), "");
    put(join(spec.root, "labels/train/rec77_export_0.png"), "");

    const all = await generateLists(spec);
    const byName = new Map(all.lists.map((list) => [list.split, list]));
    expect(byName.get("train")).toMatchObject({
      runs: 3,
      cut: 0,
      path: join(spec.root, "datalists/train-new.txt"),
    });
    const names = byName.get("train")?.lines.map((line) => line.split(" ")[0]);
    const expected = [...numbered("rec9", 0, 5), ...numbered("rec10", 95, 9), ...numbered("rec10", 200, 3)];
    expect(names).toEqual(expected.map((name) => `events/train/${name}.npy`));
    expect(byName.get("train")?.lines[0]).toBe(
      "events/train/rec9_export_0.npy labels/train/rec9_export_0.png",
    );
    expect(all.leftOut).toEqual(
      ["events/test/rec11_export_9: no labels", "labels/train/rec77_export_0: no events"].sort((a, b) =>
        a < b ? -1 : 1,
      ),
    );

    const cut = await generateLists(spec, { multipleOf: 4 });
    const [trainCut] = cut.lists.filter(({ split }) => split === "train");
    expect(trainCut).toMatchObject({ runs: 2, cut: 5 });
    expect(trainCut?.lines.map((line) => Number(/_(\d+)\.npy/.exec(line)?.[1]))).toEqual([
      0, 1, 2, 3, 95, 96, 97, 98, 99, 100, 101, 102,
    ]);

    await writeLists(cut.lists);
    expect((await openDataset(spec, "train")).length).toBe(12);
    expect((await openDataset({ ...spec, sequence: 5 }, "train")).length).toBe(4);
  });

  it("finds the pairs of a folder data set, by split folders or by share", async () => {
    const root = join(base, "split");
    for (const split of ["train", "val"]) {
      for (const name of ["b2", "b10"]) {
        put(join(root, `images/${split}/${name}.JPG`), "");
        put(join(root, `masks/${split}/${name}.png`), "");
      }
    }
    put(join(root, "images/train/alone.jpg"), "");
    const { lists, leftOut } = await generateLists({ name: "folder", root, imgSize: [4, 4] });
    expect(lists.map(({ split, lines }) => [split, lines])).toEqual([
      ["train", ["images/train/b2.JPG masks/train/b2.png", "images/train/b10.JPG masks/train/b10.png"]],
      ["val", ["images/val/b2.JPG masks/val/b2.png", "images/val/b10.JPG masks/val/b10.png"]],
    ]);
    expect(leftOut).toEqual(["images/train/alone.jpg: no mask"]);

    const flat = join(base, "flat");
    folderTree(flat, { count: 10 });
    const shared = await generateLists({ name: "folder", root: flat, imgSize: [4, 4] }, { valShare: 0.3 });
    expect(shared.lists.map(({ split, lines }) => [split, lines.length])).toEqual([
      ["train", 7],
      ["val", 3],
    ]);
  });

  it.each(["valid", "validation", "Val", "VALID"])(
    "knows a folder %s as val, and names what is in no split",
    async (name) => {
      const root = join(base, `split-${name}`);
      for (const [split, count] of [
        ["Training", 3],
        [name, 2],
        ["extra", 1],
      ] as const) {
        for (let i = 0; i < count; i++) {
          put(join(root, split, "Images", `${i}.GIF`), "");
          put(join(root, split, "masks", `${i}.png`), "");
          put(join(root, split, "masks", `._${i}.png`), "");
        }
      }
      put(join(root, "__MACOSX/Training/Images/9.gif"), "");
      const { lists, leftOut } = await generateLists({ name: "folder", root, imgSize: [8, 8] });
      expect(lists.map(({ split, lines }) => [split, lines.length]).sort()).toEqual([
        ["train", 3],
        ["val", 2],
      ]);
      expect(leftOut).toEqual([
        "extra/Images/0.GIF extra/masks/0.png: in no folder of a split (train, val or test)",
      ]);
    },
  );

  it("knows lists by other names of splits", async () => {
    const root = join(base, "other-lists");
    folderTree(root, { count: 3 });
    renameSync(join(root, "train.txt"), join(root, "Training.txt"));
    renameSync(join(root, "val.txt"), join(root, "valid.txt"));
    const spec = { name: "folder", root, imgSize: [4, 4] } as const;
    for (const split of ["train", "val", "valid"]) {
      expect((await openDataset(spec, split)).length, split).toBe(3);
    }
    expect(await availableSplits(spec)).toEqual(["train", "val"]);
    expect((await verifyLists(spec)).reports.map(({ split, examples }) => [split, examples])).toEqual([
      ["train", 3],
      ["val", 3],
    ]);
    // One that has the name itself goes before.
    put(join(root, "val.txt"), "images/0.png masks/0.png\n");
    expect((await openDataset(spec, "val")).length).toBe(1);
    expect((await openDataset(spec, "valid")).length).toBe(3);
    await expect(openDataset(spec, "test")).rejects.toThrow(/lists for train, val, valid; choose/);
  });

  it("lists TIFF masks, and names masks of formats that change values", async () => {
    const root = join(base, "mask-formats");
    for (const [i, suffix] of ["tif", "TIFF", "jpg", "gif"].entries()) {
      put(join(root, `images/${i}.jpg`), "");
      put(join(root, `masks/${i}.${suffix}`), "");
    }
    const { lists, leftOut } = await generateLists(
      { name: "folder", root, imgSize: [4, 4] },
      { valShare: 0 },
    );
    expect(lists[0]?.lines).toEqual(["images/0.jpg masks/0.tif", "images/1.jpg masks/1.TIFF"]);
    expect(leftOut).toContain("masks/3.gif: no PNG or TIFF, which keep the values of masks");
  });

  it("takes one of two files of a name, and says which it leaves out", async () => {
    const root = join(base, "twice");
    folderTree(root, { count: 1 });
    for (const path of ["images/0.jpg", "masks/0.tif"]) put(join(root, path), "");
    const { lists, leftOut } = await generateLists(
      { name: "folder", root, imgSize: [4, 4] },
      { valShare: 0 },
    );
    expect(lists[0]?.lines).toEqual(["images/0.jpg masks/0.png"]);
    expect(leftOut).toEqual([
      "images/0.png: beside images/0.jpg, which has its name",
      "masks/0.tif: beside masks/0.png, which has its name",
    ]);
  });

  it("lists paths with spaces so that they can be read again", async () => {
    const root = join(base, "spaces");
    folderTree(root, { count: 1 });
    put(join(root, "images/a b.png"), "");
    put(join(root, "masks/a b.png"), "");
    const spec = { name: "folder", root, imgSize: [4, 4] } as const;
    await writeLists((await generateLists(spec, { valShare: 0 })).lists);
    expect((await openDataset(spec, "train")).length).toBe(2);
    expect((await verifyLists(spec)).reports[0]?.problems).toEqual([]);
  });

  it("keeps the membership of VOC's id lists and says what is missing", async () => {
    const root = join(base, "voc");
    for (const id of ["x1", "x2", "x10"]) put(join(root, `JPEGImages/${id}.jpg`), "");
    for (const id of ["x1", "x10"]) put(join(root, `SegmentationClassAug/${id}.png`), "");
    put(join(root, "ImageSets/Segmentation/train.txt"), "x10\nx1\nx2\n");
    put(join(root, "ImageSets/Segmentation/val.txt"), "x99\nx1\n");
    const { lists, leftOut } = await generateLists({ name: "voc2012", root, imgSize: [4, 4] });
    expect(lists.map(({ split, path, lines }) => [split, path, lines])).toEqual([
      [
        "train",
        join(root, "lists/train.txt"),
        ["JPEGImages/x1.jpg SegmentationClassAug/x1.png", "JPEGImages/x10.jpg SegmentationClassAug/x10.png"],
      ],
      ["val", join(root, "lists/val.txt"), ["JPEGImages/x1.jpg SegmentationClassAug/x1.png"]],
    ]);
    expect(leftOut).toEqual(["x2 of train: no mask", "x99 of val: no image"]);
  });

  it("refuses settings out of range and data sets without lists", async () => {
    const spec = { name: "folder", root: base, imgSize: [4, 4] } as const;
    await expect(generateLists(spec, { multipleOf: 0 })).rejects.toThrow(OptionError);
    await expect(generateLists(spec, { valShare: 1 })).rejects.toThrow(OptionError);
    await expect(generateLists({ name: "digits", imgSize: [4, 4] })).rejects.toThrow(/needs no lists/);
    await expect(generateLists({ ...spec, root: join(base, "none") })).rejects.toThrow(FileError);
  });
});

describe("verifyLists", () => {
  it("finds a picture under another name in another split, by its content", async () => {
    const root = join(base, "shared");
    folderTree(root, { count: 4 });
    put(join(root, "train.txt"), "images/0.png masks/0.png\nimages/1.png masks/1.png\n");
    put(join(root, "val.txt"), "images/2.png masks/2.png\nimages/copy.png masks/1.png\n");
    put(join(root, "images/copy.png"), readFileSync(join(root, "images/1.png")));
    const { shared, reports } = await verifyLists({ name: "folder", root, imgSize: [8, 8] });
    const [copy, original] = ["copy", "1"].map((name) => join(root, `images/${name}.png`));
    expect(shared).toEqual([`val, line 2: ${copy} is the same picture as ${original} of train`]);
    expect(reports.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it("reports missing files, repeated lines, shared examples and what no list names", async () => {
    const root = join(base, "verify");
    folderTree(root, { count: 5 });
    put(
      join(root, "train.txt"),
      "images/0.png masks/0.png\nimages/1.png masks/1.png\nimages/0.png masks/0.png\nimages/2.png\n",
    );
    put(join(root, "val.txt"), "images/1.png masks/1.png\nimages/3.png masks/3.png\n");
    rmSync(join(root, "masks/3.png"));
    const { reports, unlisted } = await verifyLists({ name: "folder", root, imgSize: [4, 4] });
    expect(reports.map(({ split, examples }) => [split, examples])).toEqual([
      ["train", 2],
      ["val", 2],
    ]);
    expect(reports[0]?.problems[0]).toBe("line 3: the same as line 1");
    expect(reports[0]?.problems[1]).toMatch(/train\.txt, line 4: expected two paths/);
    expect(reports[1]?.problems).toEqual([
      "line 1: also in the split train",
      `line 2: ${join(root, "masks/3.png")} is missing`,
    ]);
    expect(unlisted).toEqual(["images/2", "images/4"]);
  });

  it.skipIf(!sharedData)("finds nothing wrong with the real data sets (needs the shared data)", async () => {
    const voc = await verifyLists({
      name: "voc2012",
      root: join(sharedData as string, "voc2012"),
      imgSize: [4, 4],
    });
    expect(voc.reports.map(({ split, examples, problems }) => [split, examples, problems.length])).toEqual([
      ["train", 311, 0],
      ["train_aug", 311, 0],
      ["val", 107, 0],
    ]);
    const camvid = await verifyLists({
      name: "folder",
      root: join(sharedData as string, "camvid"),
      imgSize: [4, 4],
    });
    expect(camvid.reports.map(({ examples, problems }) => [examples, problems.length])).toEqual([
      [367, 0],
      [101, 0],
    ]);
    expect([voc.unlisted, camvid.unlisted]).toEqual([[], []]);
  });
});
