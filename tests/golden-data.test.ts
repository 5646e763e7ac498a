/** The reference's preparation of VOC and DDD17 examples, value by value. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ddd17Transform, vocTransform } from "../src/datasets/index.js";
import { golden } from "../src/golden/formula.js";
import { resizeLabels, type Size } from "../src/images/index.js";
import { type NamedArray, readSafetensors, toNumbers } from "../src/serialization/index.js";
import { sharedGolden } from "./shared-data.js";

/** Largest absolute differences that the description of the golden data allows. */
const VOC_TOLERANCE = 2e-5;
const DDD17_TOLERANCE = 2e-4;

interface TransformCase {
  readonly id: string;
  readonly config: { readonly size: Size; readonly img_size: Size; readonly seed: number };
  readonly arrays: (key: string) => readonly number[];
  readonly shapes: Readonly<Record<string, { readonly labels: { readonly shape: Size } }>>;
}

async function casesOf(kind: string): Promise<TransformCase[]> {
  if (sharedGolden === undefined) return [];
  const folder = sharedGolden;
  const files = readdirSync(folder).filter((file) => file.startsWith(kind) && file.endsWith(".json"));
  return Promise.all(
    files.map(async (file) => {
      const content = JSON.parse(readFileSync(join(folder, file), "utf8"));
      const { tensors } = await readSafetensors(join(folder, `${content.id}.safetensors`));
      const get = (key: string) => Array.from(toNumbers(tensors.get(key) as NamedArray));
      return { id: content.id, config: content.config, arrays: get, shapes: content };
    }),
  );
}

function expectClose(received: Float32Array, expected: readonly number[], tolerance: number): void {
  expect(received).toHaveLength(expected.length);
  let largest = 0;
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs((received[i] as number) - value));
  });
  expect(largest).toBeLessThanOrEqual(tolerance);
}

const numbers = (length: number, value: (i: number) => number) =>
  Uint8Array.from({ length }, (_, i) => value(i));

describe.skipIf(sharedGolden === undefined)("golden transforms (need the golden data)", () => {
  it("VOC: image and both label rules", async () => {
    const cases = await casesOf("voc-");
    expect(cases.length).toBeGreaterThan(0);
    for (const { config, arrays, shapes } of cases) {
      const [height, width] = config.size;
      const image = {
        height,
        width,
        data: numbers(height * width * 3, (i) => Math.floor(golden(i, config.seed) * 256)),
      };
      const ids = (i: number) =>
        golden(i, config.seed + 2) < 0.1 ? 255 : Math.floor(golden(i, config.seed + 1) * 21);
      const labels = { height, width, data: numbers(height * width, ids) };
      const prepared = vocTransform(image, labels, { size: config.img_size, void: "ignore" });
      expectClose(prepared.image, arrays("image"), VOC_TOLERANCE);
      for (const [split, rule] of [
        ["train_aug", "background"],
        ["val", "ignore"],
      ] as const) {
        // The reference swaps the sides of label maps that are not square.
        const size = shapes[split]?.labels.shape as Size;
        const { label } = vocTransform(image, labels, { size, void: rule });
        expect(Array.from(label), split).toEqual(arrays(`${split}.labels`));
      }
    }
  });

  it("DDD17: resized, scaled per column and per channel, labels", async () => {
    const cases = await casesOf("ddd17-");
    expect(cases.length).toBeGreaterThan(0);
    for (const { config, arrays } of cases) {
      const [height, width] = config.size;
      const { seed, img_size: size } = config;
      const data = new Float32Array(height * width * 6);
      const emptied = [Math.floor(width / 2), Math.floor(width / 2) + Math.floor(width / 8)] as const;
      data.forEach((_, i) => {
        const x = Math.floor(i / 6) % width;
        const silent = i % 6 === 0 && x >= emptied[0] && x < emptied[1];
        data[i] = !silent && golden(i, seed + 1) < 0.2 ? Math.floor(golden(i, seed) * 5) : 0;
      });
      const frame = { height, width, channels: 6, data };
      const labels = {
        height,
        width,
        data: numbers(height * width, (i) => Math.floor(golden(i, seed + 2) * 6)),
      };
      const channel = ddd17Transform(frame, labels, { size, channels: 2, scaling: "channel" });
      const column = ddd17Transform(frame, labels, { size, channels: 2, scaling: "column" });
      expectClose(channel.resized, arrays("resized"), DDD17_TOLERANCE);
      expectClose(channel.image, arrays("image_per_channel"), DDD17_TOLERANCE);
      expectClose(column.image, arrays("image_per_column"), DDD17_TOLERANCE);
      expect(Array.from(resizeLabels(labels, size).data)).toEqual(arrays("labels"));
      expect(Array.from(channel.label)).toEqual(arrays("labels"));
    }
  });
});
