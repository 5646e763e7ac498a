import { rmSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { DataFormatError, OptionError, ShapeError } from "../../errors.js";
import { plainError, revivedError } from "../../threads/index.js";
import { folderTree, put, temporaryFolder } from "../fixtures/trees.js";
import { type Augmentation, type Batch, createLoader, type LoaderOptions } from "../index.js";
import { createPictureMemory, PictureCache } from "./picture-cache.js";
import { cacheLayout, createCacheMemory, RecordCache } from "./record-cache.js";

const base = temporaryFolder();
const root = join(base, "tree");
const spec = { name: "folder", root, imgSize: [6, 8] } as const;
const defaults: LoaderOptions = { split: "train", batchSize: 4, shuffle: true, seed: 5 };

beforeAll(() => folderTree(root, { count: 10 }));

async function epochOf(options: LoaderOptions, epoch = 0, start = 0): Promise<Batch[]> {
  await using loader = await createLoader(spec, options);
  const batches: Batch[] = [];
  for await (const batch of loader.batches(epoch, { start })) batches.push(batch);
  return batches;
}

const idsOf = (batches: readonly Batch[]) => batches.flatMap(({ ids }) => ids);

describe("loader", () => {
  it("puts examples together with their shapes", async () => {
    const batches = await epochOf(defaults);
    expect(batches.map(({ shape }) => shape)).toEqual([
      [4, 3, 6, 8],
      [4, 3, 6, 8],
      [2, 3, 6, 8],
    ]);
    expect(batches.map(({ labelShape }) => labelShape)).toEqual([
      [4, 6, 8],
      [4, 6, 8],
      [2, 6, 8],
    ]);
    const [first] = await epochOf({ ...defaults, batchSize: 1 });
    expect(first?.images).toEqual(batches[0]?.images.slice(0, 144));
    expect(first?.labels).toEqual(batches[0]?.labels.slice(0, 48));
    expect(first?.ids[0]).toBe(batches[0]?.ids[0]);
  });

  it("shows every example once an epoch, in an order of seed and epoch alone", async () => {
    const first = idsOf(await epochOf(defaults));
    expect([...first].sort()).toEqual(Array.from({ length: 10 }, (_, i) => `images/${i}`).sort());
    expect(idsOf(await epochOf(defaults))).toEqual(first);
    expect(idsOf(await epochOf(defaults, 1))).not.toEqual(first);
    expect(idsOf(await epochOf({ ...defaults, seed: 6 }))).not.toEqual(first);
    const plain = idsOf(await epochOf({ ...defaults, shuffle: false }));
    expect(plain).toEqual(Array.from({ length: 10 }, (_, i) => `images/${i}`));
  });

  it.each(["geometric", "scale-crop"] as const)(
    "goes on in the middle of an epoch with the same batches, augmented by %s",
    async (kind) => {
      const options = { ...defaults, augment: { kind } };
      const whole = await epochOf(options, 3);
      expect(await epochOf(options, 3, 1)).toEqual(whole.slice(1));
      expect(await epochOf(options, 3, 3)).toEqual([]);
    },
  );

  it("leaves out a last batch that is not full when asked to", async () => {
    expect(idsOf(await epochOf({ ...defaults, dropLast: true }))).toHaveLength(8);
    await using loader = await createLoader(spec, { ...defaults, dropLast: true });
    expect(loader.batchCount).toBe(2);
  });

  it("augments anew in every epoch, the same for the same seed", async () => {
    const options = { ...defaults, shuffle: false, augment: { kind: "geometric" } } as const;
    const first = await epochOf(options, 0);
    expect(await epochOf(options, 0)).toEqual(first);
    expect((await epochOf(options, 1))[0]?.images).not.toEqual(first[0]?.images);
  });

  it.each(["picture", "scale-crop"] as const)(
    "decodes no file twice while the cache holds it, augmented by %s",
    async (kind) => {
      const tree = join(base, `vanishing-${kind}`);
      folderTree(tree, { count: 6 });
      const options = { ...defaults, seed: 1, augment: { kind } };
      await using cached = await createLoader({ ...spec, root: tree }, options);
      await using uncached = await createLoader({ ...spec, root: tree }, { ...options, cacheBytes: 0 });
      const collect = async (epoch: number) => {
        const batches: Batch[] = [];
        for await (const batch of cached.batches(epoch)) batches.push(batch);
        return batches;
      };
      const before = await collect(0);
      rmSync(join(tree, "images"), { recursive: true });
      expect(await collect(0)).toEqual(before);
      await expect(uncached.batches(0).next()).rejects.toThrow(/images/);
    },
  );

  it("gives the errors of a batch to whoever takes it, and only then", async () => {
    const tree = join(base, "damaged");
    folderTree(tree, { count: 3 });
    put(join(tree, "images/2.png"), "no picture");
    await using loader = await createLoader({ ...spec, root: tree }, { split: "train", batchSize: 1 });
    const batches = loader.batches(0);
    await batches.next();
    await batches.next();
    await expect(batches.next()).rejects.toThrow(DataFormatError);
    for await (const _ of loader.batches(0)) break;
  });

  it("refuses settings that make no sense", async () => {
    for (const wrong of [{ batchSize: 0 }, { workers: -1 }, { batchSize: 1.5 }]) {
      await expect(createLoader(spec, { ...defaults, ...wrong })).rejects.toThrow(OptionError);
    }
    const both = {
      ...defaults,
      augment: { kind: "geometric" },
      noise: { kind: "blur", strength: 1 },
    } as const;
    await expect(createLoader(spec, both)).rejects.toThrow(/augmentation or noise, received both/);
    const strong = { ...defaults, noise: { kind: "salt-and-pepper", strength: 30 } } as const;
    await expect(createLoader(spec, strong)).rejects.toThrow(/from 0 to 1, received 30/);
  });

  it("refuses augmentation that there is not, or not for this data set", async () => {
    const wrong: [object, RegExp][] = [
      [{ kind: "scale-crop", scale: [2, 1] }, /largest scale to be .*\[2, 16\], received 1/],
      [{ kind: "scale-crop", scale: [0, 1] }, /least scale to be .* above 0, received 0/],
      [{ kind: "crop" }, /expected kind to be one of geometric, picture, scale-crop, received "crop"/],
    ];
    for (const [augment, message] of wrong) {
      const attempt = createLoader(spec, { ...defaults, augment: augment as Augmentation });
      await expect(attempt).rejects.toThrow(message);
    }
    const digits = { name: "digits", imgSize: [8, 8] } as const;
    const attempt = createLoader(digits, { ...defaults, augment: { kind: "scale-crop" } });
    await expect(attempt).rejects.toThrow(/without picture files, received scale-crop/);
  });

  it("measures the share of time spent waiting", async () => {
    await using loader = await createLoader(spec, defaults);
    expect(loader.waitingShare()).toBe(0);
    for await (const _ of loader.batches(0)) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(loader.waitingShare()).toBeGreaterThan(0);
    expect(loader.waitingShare()).toBeLessThan(1);
  });
});

describe("record cache", () => {
  const record = (seed: number) => ({
    values: Float32Array.of(seed, seed + 0.5),
    label: Uint8Array.of(seed, 1, 2),
  });

  it("keeps as many records as its bytes hold and gives them back unchanged", () => {
    const layout = cacheLayout({ valuesLength: 2, labelLength: 3 }, { records: 10, bytes: 3 * 15 + 14 });
    expect(layout.slots).toBe(3);
    const cache = new RecordCache(layout, createCacheMemory(layout));
    for (let i = 0; i < 5; i++) cache.set(i, record(i));
    expect([0, 1, 2].map((i) => cache.get(i))).toEqual([record(0), record(1), record(2)]);
    expect(cache.get(3)).toBeUndefined();
  });

  it("is shared by all who view its memory, and the first to write wins", () => {
    const layout = cacheLayout({ valuesLength: 2, labelLength: 3 }, { records: 2, bytes: 1000 });
    const memory = createCacheMemory(layout);
    const [one, other] = [new RecordCache(layout, memory), new RecordCache(layout, memory)];
    expect(one.get(1)).toBeUndefined();
    one.set(1, record(7));
    other.set(1, record(8));
    expect(other.get(1)).toEqual(record(7));
  });
});

describe("picture cache", () => {
  const decoded = (height: number, width: number) => ({
    picture: { height, width, data: Uint8Array.from({ length: 3 * height * width }, (_, i) => i) },
    labels: { height, width, data: new Uint8Array(height * width).fill(height) },
  });

  it("keeps pictures of any size while there is room, and gives them back unchanged", () => {
    const cache = new PictureCache(createPictureMemory(4, 4 * (35 + 54) + 32));
    cache.set(2, decoded(5, 7));
    cache.set(0, decoded(100, 100));
    cache.set(3, decoded(6, 9));
    expect([0, 1, 2, 3].map((record) => cache.get(record))).toEqual([
      undefined,
      undefined,
      decoded(5, 7),
      decoded(6, 9),
    ]);
  });

  it("is shared by all who view its memory, and the first to write wins", () => {
    const memory = createPictureMemory(2, 1000);
    const [one, other] = [new PictureCache(memory), new PictureCache(memory)];
    one.set(1, decoded(2, 3));
    other.set(1, decoded(3, 2));
    other.set(0, decoded(4, 4));
    expect(other.get(1)).toEqual(decoded(2, 3));
    expect(one.get(0)).toEqual(decoded(4, 4));
  });

  it("keeps nothing in no memory", () => {
    const cache = new PictureCache(createPictureMemory(2, 0));
    cache.set(1, decoded(2, 3));
    expect(cache.get(1)).toBeUndefined();
  });
});

describe("errors between threads", () => {
  it("keep their class, code and message", () => {
    for (const error of [new DataFormatError("x"), new OptionError("y"), new ShapeError("z")]) {
      const revived = revivedError(structuredClone(plainError(error)));
      expect(revived).toBeInstanceOf(error.constructor);
      expect(revived).toMatchObject({ code: error.code, name: error.name, message: error.message });
    }
    expect(revivedError(plainError(new TypeError("t"))).message).toBe("t");
    expect(revivedError(plainError("text")).message).toBe("text");
  });
});

describe("what a loader is asked for", () => {
  const attempts: [string, unknown, object, string][] = [
    ["an unknown data set", { name: "nope" }, {}, 'expected a name such as voc2012, .*, received "nope"'],
    ["a misspelt one", { name: "digit" }, {}, "did you mean digits\\?"],
    ["nothing", undefined, {}, "expected a name"],
    ["no size", { name: "digits" }, {}, "open digits: expected an image size .*, received undefined"],
    ["a size of one side", { name: "digits", imgSize: [8] }, {}, "open digits: expected an image size"],
    ["no folder", { name: "folder", imgSize: [8, 8] }, {}, "open folder: expected the data set's folder"],
    ["no split", { name: "digits", imgSize: [8, 8] }, { split: undefined }, "expected split to be"],
    [
      "more memory than there can be",
      { name: "digits", imgSize: [4096, 4096], trainSize: 1e7 },
      { cacheBytes: 2 ** 52 },
      "lower cacheBytes",
    ],
  ];

  it.each(attempts)("is refused by name: %s", async (_, wrong, options, message) => {
    const opening = createLoader(wrong as typeof spec, { ...defaults, ...options });
    await expect(opening).rejects.toThrow(OptionError);
    await expect(opening).rejects.toThrow(new RegExp(message));
  });
});
