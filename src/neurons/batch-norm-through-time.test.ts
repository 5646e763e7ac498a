import { expect, it } from "vitest";
import { liveTensors, randn, scope } from "../engine/index.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM } from "../nn/index.js";
import { BatchNormThroughTime } from "./batch-norm-through-time.js";

const FLOAT_TOLERANCE = 1e-5;

it("normalises each timestep by itself from its own row on, and leaves the steps behind as they are", () => {
  const before = liveTensors();
  {
    const [steps, batch, channels, area] = [3, 2, 2, 6] as const;
    using norm = new BatchNormThroughTime(4, channels, "cpu");
    scope("test", () => {
      const current = randn([steps, batch, channels, 2, 3], 1);
      const i = current.toFloat32Array();
      const y = norm.forwardSteps(current, { firstStep: 1, normalizedSteps: 2 }).toFloat32Array();
      const means = norm.runningMean.toFloat32Array(); // [4, channels]
      const perStep = batch * channels * area;
      for (let t = 0; t < 2; t++) {
        for (let c = 0; c < channels; c++) {
          const places = Array.from({ length: batch * area }, (_, k) => {
            const [n, pixel] = [Math.floor(k / area), k % area];
            return t * perStep + (n * channels + c) * area + pixel;
          });
          const mean = places.reduce((sum, place) => sum + i[place]!, 0) / places.length;
          const variance = places.reduce((sum, place) => sum + (i[place]! - mean) ** 2, 0) / places.length;
          for (const place of places) {
            const expected = (i[place]! - mean) / Math.sqrt(variance + BATCH_NORM_EPS);
            expect(Math.abs(y[place]! - expected)).toBeLessThan(FLOAT_TOLERANCE);
          }
          const running = means[(1 + t) * channels + c]!;
          expect(Math.abs(running - BATCH_NORM_MOMENTUM * mean)).toBeLessThan(FLOAT_TOLERANCE);
        }
      }
      expect(y.slice(2 * perStep)).toEqual(i.slice(2 * perStep));
      expect([...means.slice(0, channels), ...means.slice(3 * channels)]).toEqual([0, 0, 0, 0]);
    });
  }
  expect(liveTensors()).toBe(before);
});
