/** What counting a data set finds suspicious. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { encodeMaskPng } from "../../images/index.js";
import { folderTree, maskOf, pictureOf, put, temporaryFolder } from "../fixtures/trees.js";
import { datasetStatistics, labelSuspicions, openDataset } from "../index.js";

const root = temporaryFolder();
const spec = { name: "folder", root, imgSize: [8, 8] } as const;
const found = async () =>
  labelSuspicions(
    spec,
    await Promise.all(
      ["train", "val"].map(async (split) => {
        const dataset = await openDataset(spec, split);
        return { dataset, statistics: await datasetStatistics(dataset) };
      }),
    ),
  );

describe("labelSuspicions", () => {
  it("finds nothing in a sound data set", async () => {
    folderTree(root, { count: 24 });
    const lines = Array.from({ length: 24 }, (_, i) => `images/${i}.png masks/${i}.png\n`);
    put(join(root, "train.txt"), lines.slice(0, 20).join(""));
    put(join(root, "val.txt"), lines.slice(20).join(""));
    expect(await found()).toEqual([]);
  });

  it("names classes that never occur, much void, an odd size and a picture of both splits", async () => {
    put(join(root, "images/23.png"), pictureOf(20, 28, 3));
    put(join(root, "images/7.png"), pictureOf(28, 20, 7));
    put(join(root, "masks/7.png"), maskOf(28, 20, { seed: 7, classes: 4 }));
    for (let i = 20; i < 24; i++) {
      const data = Uint8Array.from({ length: 560 }, (_, k) => (k < 56 ? 2 : 255));
      put(join(root, `masks/${i}.png`), encodeMaskPng({ height: 20, width: 28, data }));
    }
    const suspicions = await found();
    expect(suspicions.map(({ code, split }) => [code, split])).toEqual([
      ["class-unseen", "val"],
      ["void-share", "val"],
      ["sizes", "train"],
      ["duplicates", undefined],
    ]);
    const messages = suspicions.map(({ message }) => message);
    expect(messages[0]).toMatch(/classes class 0, class 1, class 3 never occur in val, while 90\.0 %/);
    expect(messages[2]).toBe("19 examples of train are 20x28 (height x width), but 1 of 28x20");
    expect(suspicions[3]?.files).toEqual([join(root, "images/3.png"), join(root, "images/23.png")]);
  });

  it("says that a split is void only", async () => {
    for (let i = 20; i < 24; i++) {
      const data = new Uint8Array(560).fill(255);
      put(join(root, `masks/${i}.png`), encodeMaskPng({ height: 20, width: 28, data }));
    }
    expect((await found())[0]).toMatchObject({ code: "only-void", split: "val" });
  });
});
