import { describe, expect, it } from "vitest";
import { gaussianKernel, type Planes } from "../../images/index.js";
import { addNoise } from "../index.js";

const SIDE = 200;
const PIXELS = SIDE * SIDE;
/** Five standard errors of the statistic under test. */
const SIGMAS = 5;
const grey: Planes = { channels: 3, height: SIDE, width: SIDE, data: new Float32Array(3 * PIXELS).fill(100) };

describe("addNoise", () => {
  it.each([0.02, 0.3, 1])(
    "changes a share of %f of the pixels to black or white, half and half",
    (strength) => {
      const { data } = addNoise(grey, { kind: "salt-and-pepper", strength }, 3);
      const count = (value: number, c: number) =>
        data.subarray(c * PIXELS, (c + 1) * PIXELS).filter((v) => v === value).length;
      const error = SIGMAS * Math.sqrt(strength / 4 / PIXELS);
      expect(Math.abs(count(0, 0) / PIXELS - strength / 2)).toBeLessThan(error);
      expect(Math.abs(count(255, 0) / PIXELS - strength / 2)).toBeLessThan(error);
      expect(count(100, 0)).toBe(PIXELS - count(0, 0) - count(255, 0));
      expect(data.subarray(0, PIXELS)).toEqual(data.subarray(PIXELS, 2 * PIXELS));
    },
  );

  it("adds normal noise of the stated deviation, each channel its own", () => {
    const { data } = addNoise(grey, { kind: "gaussian", strength: 25 }, 4);
    const n = data.length;
    const mean = data.reduce((sum, value) => sum + value, 0) / n;
    const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
    expect(Math.abs(mean - 100)).toBeLessThan((SIGMAS * 25) / Math.sqrt(n));
    expect(Math.abs(variance / 625 - 1)).toBeLessThan(SIGMAS * Math.sqrt(2 / n));
    expect(data[0]).not.toBe(data[PIXELS]);
    expect(Math.min(...data.subarray(0, 5000))).toBeLessThan(50);
  });

  it("blurs with the Gaussian kernel", () => {
    const data = new Float32Array(PIXELS);
    data[100 * SIDE + 100] = 255;
    const blurred = addNoise(
      { channels: 1, height: SIDE, width: SIDE, data },
      { kind: "blur", strength: 2 },
      0,
    ).data;
    const kernel = gaussianKernel(2);
    expect(blurred[100 * SIDE + 100]).toBeCloseTo(255 * kernel[8]! ** 2, 4);
    expect(blurred[103 * SIDE + 98]).toBeCloseTo(255 * kernel[11]! * kernel[6]!, 4);
  });

  it("drops and invents events, each channel for itself", () => {
    // Every third pixel has events in the first channel, none has in the second.
    const data = Float32Array.from({ length: 2 * PIXELS }, (_, i) =>
      i < PIXELS && i % 3 === 0 ? 51 * (1 + (i % 5)) : 0,
    );
    const events: Planes = { channels: 2, height: SIDE, width: SIDE, data };
    const count = (planes: Planes) => planes.data.reduce((n, value) => n + (value > 0 ? 1 : 0), 0);
    const present = count(events);
    const dropped = addNoise(events, { kind: "event-drop", strength: 0.4 }, 5);
    const share = 1 - count(dropped) / present;
    expect(Math.abs(share - 0.4)).toBeLessThan(SIGMAS * Math.sqrt(0.24 / present));
    expect(dropped.data.every((value, i) => value === data[i] || value === 0)).toBe(true);
    const invented = addNoise(events, { kind: "event-spurious", strength: 0.1 }, 5);
    const added = (count(invented) - present) / (PIXELS - present);
    expect(Math.abs(added - 0.1)).toBeLessThan(SIGMAS * Math.sqrt(0.09 / (PIXELS - present)));
    expect(invented.data.every((value, i) => data[i] === 0 || value === data[i])).toBe(true);
    expect(Math.max(...invented.data.subarray(0, 9000))).toBeLessThanOrEqual(255);
  });

  it("leaves the input alone, depends on the seed, and does nothing at strength 0", () => {
    const same = (a: Planes, b: Planes) => a.data.every((value, i) => value === b.data[i]);
    const kinds = ["salt-and-pepper", "gaussian"] as const;
    for (const kind of kinds) {
      const noisy = (seed: number) => addNoise(grey, { kind, strength: 0.5 }, seed);
      expect(same(noisy(1), noisy(1))).toBe(true);
      expect(same(noisy(1), noisy(2))).toBe(false);
    }
    expect(grey.data.every((value) => value === 100)).toBe(true);
    for (const kind of [...kinds, "blur"] as const) {
      expect(same(addNoise(grey, { kind, strength: 0 }, 1), grey)).toBe(true);
    }
  });
});
