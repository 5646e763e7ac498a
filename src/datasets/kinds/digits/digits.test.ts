import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { sharedData } from "../../../../tests/shared-data.js";
import { OptionError } from "../../../errors.js";
import { put, temporaryFolder } from "../../fixtures/trees.js";
import { type DigitsSpec, openDataset } from "../../index.js";
import { openDigitPool } from "./digit-pool.js";

const context = { seed: 0, epoch: 0 };
const spec: DigitsSpec = { name: "digits", imgSize: [32, 40], trainSize: 60, valSize: 30 };

function brightness(values: Float32Array, i: number, pixels: number): number {
  return ((values[i] as number) + (values[pixels + i] as number) + (values[2 * pixels + i] as number)) / 3;
}

function bigEndian(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value, 4 * i);
  });
  return bytes;
}

describe("digits", () => {
  it("is the same every time and differs between examples and splits", async () => {
    const [train, again, val] = await Promise.all([
      openDataset(spec, "train"),
      openDataset(spec, "train"),
      openDataset(spec, "val"),
    ]);
    expect([train.length, val.length]).toEqual([60, 30]);
    const first = await train.read(3, context);
    expect(await again.read(3, { seed: 9, epoch: 4 })).toEqual(first);
    expect((await train.read(4, context)).image).not.toEqual(first.image);
    expect((await val.read(3, context)).image).not.toEqual(first.image);
    const other = await openDataset({ ...spec, seed: 1 }, "train");
    expect((await other.read(3, context)).image).not.toEqual(first.image);
  });

  it("shows every class, and ink that stands out from the background", async () => {
    const train = await openDataset(spec, "train");
    const pixels = 32 * 40;
    const seen = new Set<number>();
    let inked = 0;
    for (let k = 0; k < train.length; k++) {
      const { values, label } = await train.view(k);
      const mean = { ink: 0, ground: 0 };
      const count = { ink: 0, ground: 0 };
      label.forEach((id, i) => {
        seen.add(id);
        const part = id === 0 ? "ground" : "ink";
        mean[part] += brightness(values, i, pixels);
        count[part]++;
      });
      inked += count.ink / pixels / train.length;
      expect(mean.ink / count.ink - mean.ground / count.ground, `example ${k}`).toBeGreaterThan(50);
    }
    expect(seen.size).toBe(11);
    expect(inked).toBeGreaterThan(0.08);
    expect(inked).toBeLessThan(0.4);
  });

  it("keeps to the number of digits, their size and their overlap", async () => {
    const single = await openDataset({ ...spec, digits: [1, 1], scale: [1, 1] }, "train");
    for (let k = 0; k < 20; k++) {
      const { label } = await single.view(k);
      expect(new Set(label).size, "background and one digit").toBe(2);
      const rows = Array.from({ length: 32 }, (_, y) =>
        label.subarray(40 * y, 40 * y + 40).some((id) => id > 0),
      );
      expect(rows.filter(Boolean).length).toBeGreaterThan(24);
    }
    const none = await openDataset({ ...spec, digits: [0, 0] }, "train");
    expect((await none.view(0)).label.every((id) => id === 0)).toBe(true);
  });

  it("lets the first or the last digit win where digits overlap", async () => {
    const crowded = { ...spec, digits: [6, 6], overlap: 1, scale: [0.8, 1] } as const;
    const first = await openDataset({ ...crowded, occlusion: "first" }, "train");
    const last = await openDataset({ ...crowded, occlusion: "last" }, "train");
    let different = 0;
    for (let k = 0; k < 10; k++) {
      const [a, b] = [(await first.view(k)).label, (await last.view(k)).label];
      expect(a.map((id) => Math.min(id, 1))).toEqual(b.map((id) => Math.min(id, 1)));
      if (!a.every((id, i) => id === b[i])) different++;
    }
    expect(different).toBeGreaterThan(8);
  });

  it("never shows a handwritten digit in both splits", async () => {
    const [train, val] = await Promise.all([openDigitPool(undefined, true), openDigitPool(undefined, false)]);
    for (let digit = 0; digit < 10; digit++) {
      expect(train.count(digit)).toBeGreaterThan(600);
      expect(val.count(digit)).toBeGreaterThan(150);
      const glyphs = (pool: typeof train) =>
        Array.from({ length: pool.count(digit) }, (_, n) => pool.glyph(digit, n).data.join());
      const known = new Set(glyphs(train));
      expect(glyphs(val).filter((glyph) => known.has(glyph)).length).toBe(0);
    }
  });

  it("refuses options out of range and unknown splits", async () => {
    const attempts: [Partial<DigitsSpec>, string][] = [
      [{ digits: [3, 1] }, "train"],
      [{ scale: [0.5, 1.5] }, "train"],
      [{ overlap: -1 }, "train"],
      [{ trainSize: 0 }, "train"],
      // An epoch's order of so many would not fit into memory.
      [{ trainSize: 1e12 }, "train"],
      [{ valSize: 1e12 }, "val"],
      [{}, "test"],
    ];
    for (const [options, split] of attempts) {
      await expect(openDataset({ ...spec, ...options }, split)).rejects.toThrow(OptionError);
    }
  });
});

describe("digits from files", () => {
  const folder = temporaryFolder();

  function idx(prefix: string, count: number): void {
    const images = Buffer.concat([bigEndian(2051, count, 28, 28), Buffer.alloc(count * 784, 255)]);
    const labels = Buffer.concat([bigEndian(2049, count), Buffer.alloc(count)]);
    for (let i = 0; i < count; i++) labels[8 + i] = i % 10;
    put(join(folder, `${prefix}-images-idx3-ubyte`), images);
    put(join(folder, `${prefix}-labels-idx1-ubyte`), labels);
  }

  beforeAll(() => {
    idx("train", 20);
    idx("t10k", 10);
    const record = Buffer.alloc(3073, 128);
    record[0] = 4;
    record.fill(200, 1, 1025);
    put(join(folder, "data_batch_1.bin"), Buffer.concat([record, record]));
    put(join(folder, "test_batch.bin"), record);
  });

  it("takes MNIST's and CIFAR-10's own files", async () => {
    const dataset = await openDataset({ ...spec, mnist: folder, cifar10: folder, digits: [1, 1] }, "val");
    const { values, label } = await dataset.view(0);
    const ground = label.indexOf(0);
    expect([0, 1, 2].map((c) => values[c * 1280 + ground])).toEqual([200, 128, 128]);
    expect(label.some((id) => id > 0)).toBe(true);
  });

  it("names the file that is missing", async () => {
    const missing = openDataset({ ...spec, mnist: join(folder, "none") }, "train");
    await expect(missing).rejects.toThrow(/open MNIST: expected the file .*train-images-idx3-ubyte/);
    await expect(openDataset({ ...spec, cifar10: join(folder, "none") }, "train")).rejects.toThrow(
      /open CIFAR-10/,
    );
  });

  it.skipIf(!sharedData)("loads the real MNIST and CIFAR-10 (needs the shared data)", async () => {
    const real = {
      ...spec,
      mnist: join(sharedData as string, "mnist"),
      cifar10: join(sharedData as string, "cifar10"),
    };
    const pool = await openDigitPool(real.mnist, true);
    const count = Array.from({ length: 10 }, (_, digit) => pool.count(digit)).reduce((a, b) => a + b);
    expect(count).toBe(15_000);
    expect((await (await openDataset(real, "val")).read(0, context)).image).toHaveLength(3 * 1280);
  });
});
