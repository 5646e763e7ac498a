import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sharedData } from "../../../tests/shared-data.js";
import { OptionError } from "../../errors.js";
import { encodeMaskPng, encodePicturePng } from "../../images/index.js";
import { put, temporaryFolder } from "../fixtures/trees.js";
import { type DigitsSpec, datasetStatistics, openDataset, writeFolderDataset } from "../index.js";

const base = temporaryFolder();

describe("datasetStatistics", () => {
  it("counts at the stored size", async () => {
    const root = join(base, "tiny");
    put(
      join(root, "a.png"),
      encodePicturePng({ height: 1, width: 2, data: Uint8Array.of(0, 10, 255, 100, 10, 255) }),
    );
    put(join(root, "a-mask.png"), encodeMaskPng({ height: 1, width: 2, data: Uint8Array.of(1, 9) }));
    put(
      join(root, "b.png"),
      encodePicturePng({ height: 2, width: 1, data: Uint8Array.of(50, 10, 255, 50, 10, 255) }),
    );
    put(join(root, "b-mask.png"), encodeMaskPng({ height: 2, width: 1, data: Uint8Array.of(1, 1) }));
    put(join(root, "train.txt"), "a.png a-mask.png\nb.png b-mask.png\nb.png b-mask.png\n");
    put(join(root, "dataset.json"), JSON.stringify({ classes: ["x", "y"], void: 9 }));
    const dataset = await openDataset({ name: "folder", root, imgSize: [32, 32] }, "train");
    let done = 0;
    const statistics = await datasetStatistics(dataset, (count) => {
      done = count;
    });
    expect(done).toBe(3);
    expect(statistics).toMatchObject({
      examples: 3,
      pixels: 6,
      sizes: [
        { size: [2, 1], examples: 2 },
        { size: [1, 2], examples: 1 },
      ],
      classes: [
        { name: "x", pixels: 0, share: 0, examples: 0 },
        { name: "y", pixels: 5, share: 1, examples: 3 },
      ],
      voidPixels: 1,
      voidExamples: 1,
    });
    expect(statistics.channels[0]?.mean).toBe(50);
    expect(statistics.channels[0]?.std).toBeCloseTo(Math.sqrt((50 ** 2 * 2) / 6), 10);
    expect(statistics.channels[1]).toEqual({ mean: 10, std: 0, min: 10, max: 10 });
  });

  it.skipIf(!sharedData)(
    "agrees with the published counts of VOC's palette masks (needs the shared data)",
    async () => {
      const spec = { name: "voc2012", root: join(sharedData as string, "voc2012"), imgSize: [8, 8] } as const;
      const { classes, examples, voidExamples } = await datasetStatistics(await openDataset(spec, "val"));
      expect(classes.map((entry) => entry.examples)).toEqual([
        107, 7, 6, 8, 5, 6, 6, 10, 5, 12, 2, 5, 11, 10, 7, 40, 5, 6, 10, 6, 8,
      ]);
      expect([examples, voidExamples]).toEqual([107, 107]);
    },
  );
});

describe("writeFolderDataset", () => {
  it("writes digits that read back the same", async () => {
    const spec: DigitsSpec = { name: "digits", imgSize: [20, 24], trainSize: 5, valSize: 3 };
    const splits = await Promise.all(["train", "val"].map((split) => openDataset(spec, split)));
    const root = join(base, "digits");
    await writeFolderDataset(splits, root);
    for (const original of splits) {
      const copy = await openDataset({ name: "folder", root, imgSize: [20, 24] }, original.split);
      expect(copy.length).toBe(original.length);
      expect([copy.classes, copy.colors]).toEqual([original.classes, original.colors]);
      for (let i = 0; i < copy.length; i++) {
        const [ours, theirs] = [
          await copy.read(i, { seed: 0, epoch: 0 }),
          await original.read(i, { seed: 0, epoch: 0 }),
        ];
        expect(ours.label).toEqual(theirs.label);
        expect(ours.image).toEqual(theirs.image);
      }
    }
  });

  it("refuses what is no still picture", async () => {
    const dataset = await openDataset({ name: "digits", imgSize: [8, 8], trainSize: 1 }, "train");
    const attempt = writeFolderDataset([{ ...dataset, channels: 2 }], join(base, "none"));
    await expect(attempt).rejects.toThrow(OptionError);
  });
});
