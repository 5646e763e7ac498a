import { describe, expect, it } from "vitest";
import { DataFormatError, OptionError, ShapeError } from "../../errors.js";
import {
  addNoise,
  createLoader,
  type DatasetDefinition,
  type DefinedExample,
  defineDataset,
  normalisePicture,
} from "../index.js";

const [height, width] = [6, 8];
const context = { seed: 0, epoch: 0 };

/** A picture whose every value tells its example, its channel and its pixel; the label is void at the first pixel. */
function example(index: number, channels = 3): DefinedExample {
  return {
    image: Float32Array.from({ length: channels * height * width }, (_, i) => (index * 7 + i) % 256),
    label: Uint8Array.from({ length: height * width }, (_, i) => (i === 0 ? 255 : (i + index) % 2)),
  };
}

const definition: DatasetDefinition = {
  ...{ classes: ["even", "odd"], size: [height, width], length: 5 },
  read: async (index) => example(index),
};

describe("defineDataset", () => {
  it("gives examples as every data set does: as they are, to look at, and normalised", async () => {
    const dataset = defineDataset(definition);
    const { image, label } = example(3);
    expect(dataset).toMatchObject({ name: "own", split: "all", channels: 3, frames: 0, length: 5 });
    expect(dataset.colors).toHaveLength(2);
    expect((await dataset.view(3)).values).toEqual(image);
    expect(await dataset.stored(3)).toMatchObject({ size: [height, width], label });
    const read = await dataset.read(3, context);
    const planes = { channels: 3, height, width, data: image as Float32Array };
    expect(read).toEqual({ id: "3", image: normalisePicture(planes, "paper"), label });
  });

  it("leaves values as they are with another number of channels, or where it is asked to", async () => {
    const bands = defineDataset({ ...definition, channels: 5, read: (index) => example(index, 5) });
    expect((await bands.read(1, context)).image).toEqual(example(1, 5).image);
    const plain = defineDataset({ ...definition, preprocessing: "none" });
    expect((await plain.read(1, context)).image).toEqual(example(1).image);
  });

  it("takes bytes as well as floating-point numbers", async () => {
    const bytes = defineDataset({
      ...definition,
      read: (index) => ({ ...example(index), image: Uint8Array.from(example(index).image) }),
    });
    const floats = defineDataset(definition);
    expect(await bytes.read(4, context)).toEqual(await floats.read(4, context));
  });

  it.each([
    ["no class", { classes: [] }, "classes"],
    ["a size of one number", { size: 4 }, "size"],
    ["a side of zero", { size: [0, 4] }, "size"],
    ["no example", { length: 0 }, "length"],
    ["no function", { read: undefined }, "read"],
    ["colours of another number", { colors: [[0, 0, 0]] }, "colors"],
    ["pictures' preprocessing of five channels", { channels: 5, preprocessing: "unit" }, "preprocessing"],
  ])("refuses %s", (_, change, name) => {
    const wrong = { ...definition, ...change } as unknown as DatasetDefinition;
    expect(() => defineDataset(wrong)).toThrow(OptionError);
    expect(() => defineDataset(wrong)).toThrow(`defineDataset: expected ${name} to be`);
  });

  it.each([
    ["an image of another size", { image: new Float32Array(5) }, ShapeError],
    ["a label of another size", { label: new Uint8Array(5) }, ShapeError],
    [
      "a value that is no number",
      { image: example(0).image.map((v, i) => (i === 9 ? Number.NaN : v)) },
      DataFormatError,
    ],
    ["a label that is no class", { label: new Uint8Array(height * width).fill(2) }, DataFormatError],
  ])("refuses %s of an example, and names it", async (_, change, ErrorClass) => {
    const dataset = defineDataset({
      ...{ ...definition, name: "mine", split: "val" },
      read: (index) => ({ ...example(index), ...(change as Partial<DefinedExample>) }),
    });
    await expect(dataset.read(2, context)).rejects.toThrow(ErrorClass);
    await expect(dataset.read(2, context)).rejects.toThrow("read mine val, example 2: expected");
  });
});

describe("a loader of an own data set", () => {
  it("shuffles, augments and adds noise as that of every other", async () => {
    const dataset = defineDataset({ ...definition, preprocessing: "none" });
    const order = { batchSize: 2, shuffle: true, seed: 3 };
    const augment = { kind: "geometric" } as const;
    await using loader = await createLoader(dataset, { ...order, augment });
    const seen = new Map<string, Float32Array>();
    for await (const { ids, images } of loader.batches(1)) {
      ids.forEach((id, n) => {
        seen.set(id, images.slice(n * 3 * height * width, (n + 1) * 3 * height * width));
      });
    }
    expect([...seen.keys()].toSorted()).toEqual(["0", "1", "2", "3", "4"]);
    expect([...seen.keys()]).not.toEqual(["0", "1", "2", "3", "4"]);
    expect(seen.get("2")).not.toEqual(example(2).image);
    expect(seen.get("2")).toEqual(
      (await dataset.withOptions({ augment }).read(2, { seed: 3, epoch: 1 })).image,
    );
    await using noisy = await createLoader(dataset, { ...order, noise: { kind: "gaussian", strength: 9 } });
    for await (const { ids, images } of noisy.batches(0)) {
      const planes = { channels: 3, height, width, data: example(Number(ids[0])).image as Float32Array };
      expect(images.slice(0, 3 * height * width)).not.toEqual(
        addNoise(planes, { kind: "gaussian", strength: 0 }, 0).data,
      );
    }
  });

  it("reads each example once while the cache holds them", async () => {
    const reads: number[] = [];
    const dataset = defineDataset({
      ...definition,
      read(index) {
        reads.push(index);
        return example(index);
      },
    });
    await using loader = await createLoader(dataset, { batchSize: 2 });
    for (const epoch of [0, 1]) for await (const _ of loader.batches(epoch));
    expect(reads.toSorted()).toEqual([0, 1, 2, 3, 4]);
  });

  it("is that of a data set opened before, with the same batches as of its spec", async () => {
    const spec = { name: "digits", imgSize: [12, 16], trainSize: 5 } as const;
    const augment = { kind: "picture" } as const;
    const { openDataset } = await import("../index.js");
    const order = { batchSize: 2, shuffle: true, seed: 8 };
    await using ofSpec = await createLoader(spec, { ...order, split: "train", augment });
    await using ofOpen = await createLoader(await openDataset(spec, "train", { augment }), order);
    const batchesOf = async (loader: typeof ofSpec) => {
      const batches = [];
      for await (const batch of loader.batches(4)) batches.push(batch);
      return batches;
    };
    expect(await batchesOf(ofOpen)).toEqual(await batchesOf(ofSpec));
  });

  it("refuses what only a spec can have: a split, and threads of its own", async () => {
    const dataset = defineDataset(definition);
    const wrong = (options: object) => createLoader(dataset, { batchSize: 1, ...options });
    await expect(wrong({ workers: 2 })).rejects.toThrow("expected 0 workers for an open data set");
    await expect(wrong({ split: "val" })).rejects.toThrow("expected no split of an open data set");
  });
});
