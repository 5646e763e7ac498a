import { describe, expect, it } from "vitest";
import type { Planes } from "../../images/index.js";
import { voidLabel } from "../../metrics/index.js";
import { augmentExample, checkAugmentation } from "./augmentation.js";

const [HEIGHT, WIDTH] = [24, 40];
const PIXELS = HEIGHT * WIDTH;
const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

/** Channel 0 holds 1 + x, channel 1 holds 1 + y, so that every result tells where it came from; 0 is outside. */
const coordinates: Planes = {
  channels: 2,
  height: HEIGHT,
  width: WIDTH,
  data: Float32Array.from(
    { length: 2 * PIXELS },
    (_, i) => 1 + (i < PIXELS ? i % WIDTH : Math.floor((i - PIXELS) / WIDTH)),
  ),
};
const label = Uint8Array.from({ length: PIXELS }, (_, i) => (i % WIDTH) + (Math.floor(i / WIDTH) % 6) * 40);

describe("checkAugmentation", () => {
  it("refuses a crop of a kind whose examples keep their size", () => {
    expect(() => checkAugmentation({ kind: "scale-crop", crop: [8, 6] })).not.toThrow();
    expect(() => checkAugmentation({ kind: "picture", crop: [8, 6] })).toThrow(
      /expected no crop with the kind picture, received 8x6/,
    );
  });
});

describe("geometric augmentation", () => {
  it("moves image and label together and marks what comes from outside", () => {
    for (const seed of SEEDS.slice(0, 40)) {
      const { planes, label: moved } = augmentExample([coordinates], label, {
        augment: { kind: "geometric" },
        seed,
      });
      const { data } = planes[0] as Planes;
      const expected = label.map((_, i) => {
        const [x, y] = [(data[i] as number) - 1, (data[PIXELS + i] as number) - 1];
        return x < 0 ? voidLabel : (label[y * WIDTH + x] as number);
      });
      expect(moved).toEqual(expected);
    }
  });

  it("fills labels with class 0 when the reference's way is asked for", () => {
    const augment = { kind: "geometric", labelFill: "zero" } as const;
    const filled = augmentExample([coordinates], label, { augment, seed: 1 });
    const other = augmentExample([coordinates], label, { augment: { kind: "geometric" }, seed: 1 });
    expect(filled.planes).toEqual(other.planes);
    expect(filled.label).toEqual(other.label.map((id) => (id === voidLabel ? 0 : id)));
  });

  it("changes all frames of a sequence alike", () => {
    const frames = [coordinates, coordinates, coordinates];
    const { planes } = augmentExample(frames, label, { augment: { kind: "geometric" }, seed: 7 });
    expect(planes[1]).toEqual(planes[0]);
    expect(planes[2]).toEqual(planes[0]);
  });

  it("keeps to its ranges of flip, scale, rotation and shift, and uses them fully", () => {
    const scales: number[] = [];
    const angles: number[] = [];
    const shiftsX: number[] = [];
    const shiftsY: number[] = [];
    let flips = 0;
    for (const seed of SEEDS) {
      const { planes } = augmentExample([coordinates], label, { augment: { kind: "geometric" }, seed });
      const fit = affineFit(planes[0] as Planes);
      const scale = 1 / Math.hypot(fit.yx, fit.yy);
      scales.push(scale);
      angles.push((Math.atan2(-fit.yx, fit.yy) * 180) / Math.PI);
      if (fit.xx < 0) flips++;
      // Where the centre of the source lies in the result, relative to the result's centre.
      const [cx, cy] = [(WIDTH - 1) / 2, (HEIGHT - 1) / 2];
      const det = fit.xx * fit.yy - fit.xy * fit.yx;
      const [dx, dy] = [cx - fit.x0, cy - fit.y0];
      shiftsX.push(((fit.yy * dx - fit.xy * dy) / det - cx) / WIDTH);
      shiftsY.push(((fit.xx * dy - fit.yx * dx) / det - cy) / HEIGHT);
    }
    // The fit sees coordinates rounded to pixels, so the ranges are tested with some slack.
    const within = (values: number[], low: number, high: number, slack: number) => {
      expect(Math.min(...values)).toBeGreaterThan(low - slack);
      expect(Math.max(...values)).toBeLessThan(high + slack);
      expect(Math.min(...values)).toBeLessThan(low + (high - low) * 0.1);
      expect(Math.max(...values)).toBeGreaterThan(high - (high - low) * 0.1);
    };
    within(scales, 0.5, 2, 0.1);
    within(angles, -15, 15, 1.5);
    within(shiftsX, -0.25, 0.25, 0.03);
    within(shiftsY, -0.25, 0.25, 0.03);
    expect(flips / SEEDS.length).toBeGreaterThan(0.4);
    expect(flips / SEEDS.length).toBeLessThan(0.6);
  });
});

describe("picture augmentation", () => {
  const picture: Planes = {
    channels: 3,
    height: HEIGHT,
    width: WIDTH,
    data: Float32Array.from({ length: 3 * PIXELS }, (_, i) => (i * 7919) % 256),
  };

  it("zooms in or out in place of image and label, colours within the scale", () => {
    const constant = { ...picture, data: new Float32Array(3 * PIXELS).fill(200) };
    let zoomedIn = 0;
    let values = new Set<number>();
    for (const seed of SEEDS.slice(0, 60)) {
      const augment = { kind: "picture" } as const;
      const { planes, label: moved } = augmentExample([constant], label, { augment, seed });
      const { data } = planes[0] as Planes;
      const outside = moved.filter((id) => id === voidLabel).length;
      if (outside === 0) zoomedIn++;
      const inside = data[moved.findIndex((id) => id !== voidLabel)] as number;
      values = values.add(Math.round(inside));
      const even = data.subarray(0, PIXELS).every((value, i) => {
        return moved[i] === voidLabel || Math.abs(value - inside) < 1e-3;
      });
      expect(even).toBe(true);
      expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...data)).toBeLessThanOrEqual(255);
    }
    expect(zoomedIn).toBeGreaterThan(15);
    expect(zoomedIn).toBeLessThan(45);
    expect(values.size).toBeGreaterThan(10);
  });

  it("leaves its input alone and depends on the seed only", () => {
    const before = picture.data.slice();
    const run = (seed: number) => augmentExample([picture], label, { augment: { kind: "picture" }, seed });
    expect(run(3)).toEqual(run(3));
    expect(run(3)).not.toEqual(run(4));
    expect(picture.data).toEqual(before);
  });
});

/** Least squares of source coordinates over result coordinates, where the result shows the source. */
function affineFit({ data }: Planes): Record<"xx" | "xy" | "x0" | "yx" | "yy" | "y0", number> {
  const normal = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  const right = { x: [0, 0, 0], y: [0, 0, 0] };
  for (let i = 0; i < PIXELS; i++) {
    if (data[i] === 0) continue;
    const row = [i % WIDTH, Math.floor(i / WIDTH), 1];
    for (let a = 0; a < 3; a++) {
      for (let b = 0; b < 3; b++) normal[3 * a + b]! += row[a]! * row[b]!;
      right.x[a]! += row[a]! * (data[i]! - 1);
      right.y[a]! += row[a]! * (data[PIXELS + i]! - 1);
    }
  }
  const [xx, xy, x0] = solve(normal, right.x) as [number, number, number];
  const [yx, yy, y0] = solve(normal, right.y) as [number, number, number];
  return { xx, xy, x0, yx, yy, y0 };
}

/** Cramer's rule for three unknowns. */
function solve(m: readonly number[], b: readonly number[]): number[] {
  const det = (k: readonly number[]) =>
    k[0]! * (k[4]! * k[8]! - k[5]! * k[7]!) -
    k[1]! * (k[3]! * k[8]! - k[5]! * k[6]!) +
    k[2]! * (k[3]! * k[7]! - k[4]! * k[6]!);
  return [0, 1, 2].map(
    (column) => det(m.map((value, i) => (i % 3 === column ? b[Math.floor(i / 3)]! : value))) / det(m),
  );
}
