import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OptionError } from "../../errors.js";
import { maskOf, pictureOf, put, temporaryFolder } from "../fixtures/trees.js";
import { datasetStatistics, type FolderSpec, mergeStatistics, openDataset } from "../index.js";

/** Sums in another order. */
const decimals = 9;
const root = temporaryFolder();

describe("mergeStatistics", () => {
  it("of two splits is that of their union, whatever their sizes", async () => {
    const lines = Array.from({ length: 5 }, (_, i) => {
      put(join(root, `images/${i}.png`), pictureOf(4 + 3 * i, 7, i));
      put(join(root, `masks/${i}.png`), maskOf(4 + 3 * i, 7, { seed: i, classes: 1 + i }));
      return `images/${i}.png masks/${i}.png\n`;
    });
    put(join(root, "train.txt"), lines.slice(0, 2).join(""));
    put(join(root, "val.txt"), lines.slice(2).join(""));
    put(join(root, "all.txt"), lines.join(""));
    put(join(root, "dataset.json"), JSON.stringify({ classes: ["a", "b", "c", "d"], void: 4 }));
    const spec: FolderSpec = { name: "folder", root, imgSize: [8, 8] };
    const of = async (split: string) => datasetStatistics(await openDataset(spec, split));
    const merged = mergeStatistics([await of("train"), await of("val")]);
    const { channels, sizes, ...rest } = await of("all");
    const { split: _, ...counts } = rest;
    expect(merged).toMatchObject({ ...counts, split: "train + val" });
    expect(merged.sizes).toHaveLength(sizes.length);
    for (const [c, { mean, std, min, max }] of channels.entries()) {
      expect(merged.channels[c]).toMatchObject({ min, max });
      expect(merged.channels[c]!.mean).toBeCloseTo(mean, decimals);
      expect(merged.channels[c]!.std).toBeCloseTo(std, decimals);
    }
    expect(merged.voidPixels).toBeGreaterThan(0);
  });

  it("needs a split", () => {
    expect(() => mergeStatistics([])).toThrow(OptionError);
  });
});
