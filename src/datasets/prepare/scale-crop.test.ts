import { describe, expect, it } from "vitest";
import { voidLabel } from "../../metrics/index.js";
import { integer } from "../../random/index.js";
import type { DecodedPicture } from "../core/record.js";
import type { Augmentation } from "./augmentation.js";
import { type Fitting, fitLabels } from "./fit.js";
import { scaleCrop } from "./scale-crop.js";

const [HEIGHT, WIDTH] = [24, 32];
const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const padding = [10, 20, 30] as const;
const half: Fitting = { size: [12, 16], fit: "stretch", padding };

/** Labels that tell their place; dark where the label is even, bright where it is odd. */
const decoded: DecodedPicture = {
  labels: {
    height: HEIGHT,
    width: WIDTH,
    data: Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => labelAt(i % WIDTH, Math.floor(i / WIDTH))),
  },
  picture: {
    height: HEIGHT,
    width: WIDTH,
    data: Uint8Array.from({ length: 3 * HEIGHT * WIDTH }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return labelAt(pixel % WIDTH, Math.floor(pixel / WIDTH)) % 2 === 1 ? 180 : 60;
    }),
  },
};
function labelAt(x: number, y: number): number {
  return integer(1, y * WIDTH + x, 200);
}

const cut = (seed: number, augment: Partial<Augmentation> = {}, fitting = half) =>
  scaleCrop(decoded, { fitting, augment: { kind: "scale-crop", ...augment }, seed });
const mirrorOf = (label: Uint8Array, width: number) =>
  label.map((_, i) => label[i - (i % width) + width - 1 - (i % width)]!);

describe("scaleCrop", () => {
  it("shows the file's own pixels where it enlarges as much as the network reduces", () => {
    const places = new Set<string>();
    for (const seed of SEEDS) {
      const { label, planes } = cut(seed, { scale: [2, 2] });
      const isWindow = (view: Uint8Array, left: number, top: number) =>
        view.every((id, i) => id === labelAt(left + (i % 16), top + Math.floor(i / 16)));
      const found = [label, mirrorOf(label, 16)].flatMap((view, flipped) =>
        Array.from({ length: 17 * 13 }, (_, k) => [k % 17, Math.floor(k / 17)] as const)
          .filter(([left, top]) => isWindow(view, left, top))
          .map((place) => `${flipped} ${place}`),
      );
      expect(found).toHaveLength(1);
      places.add(found[0]!);
      // Detail of single pixels is there: each is as dark or bright as its label says.
      const data = planes[0]!.data;
      const tones = [0, 1].map((odd) =>
        data.subarray(0, label.length).filter((_, i) => label[i]! % 2 === odd),
      );
      for (const tone of tones) expect(Math.max(...tone) - Math.min(...tone)).toBeLessThan(1e-3);
      expect(tones[1]![0]! - tones[0]![0]!).toBeGreaterThan(60);
    }
    expect(places.size).toBeGreaterThan(40);
    expect(new Set([...places].map((place) => place[0]))).toEqual(new Set("01"));
  });

  it("is what an unchanged example has at scale 1, flipped or not", () => {
    const { data } = fitLabels(decoded.labels, half);
    const seen = SEEDS.map((seed) => `${cut(seed, { scale: [1, 1] }).label}`);
    expect(new Set(seen)).toEqual(new Set([`${data}`, `${mirrorOf(data, 16)}`]));
  });

  it("puts a smaller picture anywhere, and around it the padding and void, or class 0", () => {
    const lefts = new Set<number>();
    for (const seed of SEEDS) {
      const { label, planes } = cut(seed, { scale: [0.5, 0.5] });
      const outside = label.map((id) => Number(id === voidLabel));
      expect(outside.reduce((a, b) => a + b)).toBe(12 * 16 - 6 * 8);
      lefts.add(outside.indexOf(0) % 16);
      for (const [c, color] of padding.entries()) {
        const plane = planes[0]!.data.subarray(c * 192, (c + 1) * 192);
        expect(plane.every((value, i) => outside[i] === 0 || value === color)).toBe(true);
      }
      const filled = cut(seed, { scale: [0.5, 0.5], labelFill: "zero" }).label;
      expect(filled).toEqual(label.map((id) => (id === voidLabel ? 0 : id)));
    }
    expect(lefts).toEqual(new Set(Array.from({ length: 9 }, (_, left) => left)));
  });

  it("draws scales evenly between the least and the largest", () => {
    const rows = SEEDS.map((seed) => {
      const { label } = cut(seed, { scale: [0.25, 1] });
      return label.filter((id) => id !== voidLabel).length / (12 * 16);
    }).map(Math.sqrt);
    expect(Math.min(...rows)).toBeGreaterThan(0.2);
    expect(Math.min(...rows)).toBeLessThan(0.35);
    expect(Math.max(...rows)).toBeGreaterThan(0.9);
    expect(rows.reduce((a, b) => a + b) / rows.length).toBeCloseTo(0.625, 1);
  });

  it("keeps the aspect of a letterbox", () => {
    const letterbox = { ...half, size: [16, 16], fit: "letterbox" } as const;
    const { label } = cut(3, { scale: [1, 1] }, letterbox);
    expect(label.filter((id) => id !== voidLabel)).toHaveLength(12 * 16);
  });

  it("leaves the picture alone and depends on the seed only", () => {
    const before = [decoded.picture.data.slice(), decoded.labels.data.slice()];
    expect(cut(5)).toEqual(cut(5));
    expect(cut(5)).not.toEqual(cut(6));
    expect([decoded.picture.data, decoded.labels.data]).toEqual(before);
  });
});
