import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { put, temporaryFolder } from "../fixtures/trees.js";
import { availableSplits, digitSources } from "../index.js";

const root = temporaryFolder();
const imgSize = [8, 8] as const;

describe("availableSplits", () => {
  it("are those whose lists or folders are there, in their usual order", async () => {
    put(join(root, "folder/test.txt"), "");
    put(join(root, "folder/train.txt"), "");
    put(join(root, "ddd17/events/test/a_1.npy"), "");
    put(join(root, "ddd17/datalists/train-new.txt"), "");
    put(join(root, "events/val/a.dat"), "");
    const splits = (name: "folder" | "ddd17" | "events") =>
      availableSplits({ name, root: join(root, name), imgSize });
    expect(await splits("folder")).toEqual(["train", "test"]);
    expect(await splits("ddd17")).toEqual(["train", "test"]);
    expect(await splits("events")).toEqual(["val"]);
    expect(await availableSplits({ name: "digits", imgSize })).toEqual(["train", "val"]);
  });

  it("of VOC2012 leave out train where train_aug contains it", async () => {
    for (const split of ["train", "train_aug", "val", "trainval"]) {
      put(join(root, `voc/ImageSets/Segmentation/${split}.txt`), "");
    }
    put(join(root, "voc/JPEGImages/a.jpg"), "");
    expect(await availableSplits({ name: "voc2012", root: join(root, "voc"), imgSize })).toEqual([
      "train_aug",
      "val",
    ]);
  });
});

describe("digitSources", () => {
  it("counts backgrounds by class over all files of a split", async () => {
    const records = (labels: readonly number[]) => {
      const bytes = new Uint8Array(labels.length * 3073);
      for (const [i, label] of labels.entries()) bytes[i * 3073] = label;
      return bytes;
    };
    const cifar10 = join(root, "cifar");
    put(join(cifar10, "data_batch_1.bin"), records([3, 3, 9]));
    put(join(cifar10, "data_batch_2.bin"), records([0, 3]));
    const { backgrounds, digits } = await digitSources({ name: "digits", imgSize, cifar10 }, "train");
    expect(backgrounds).toEqual([1, 0, 0, 3, 0, 0, 0, 0, 0, 1]);
    expect(digits).toHaveLength(10);
    expect(Math.min(...digits)).toBeGreaterThan(100);
  });
});
