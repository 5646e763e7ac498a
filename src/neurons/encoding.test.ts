import { describe, expect, it } from "vitest";
import { scope, tensorFrom } from "../engine/index.js";
import { poissonEncoding, seededUniform } from "./encoding.js";

describe("poissonEncoding", () => {
  const image = Float32Array.from([0.8, -0.3, 0, 1.5, -2]);

  it("emits sign(v) with probability min(|v|, 1)", () => {
    scope("rates", () => {
      const steps = 4000;
      const spikes = poissonEncoding(
        tensorFrom(image, [1, 1, 1, 5]),
        steps,
        seededUniform((t) => 100 + t),
      ).toFloat32Array();
      const means = new Float64Array(5);
      for (const [i, spike] of spikes.entries()) means[i % 5]! += spike / steps;
      // Three standard deviations of a mean of 4000 draws.
      const room = 3 * Math.sqrt(0.25 / steps);
      for (const [i, expected] of [0.8, -0.3, 0, 1, -1].entries()) {
        expect(Math.abs(means[i]! - expected)).toBeLessThan(room);
      }
    });
  });

  it("depends on the seed alone", () => {
    scope("seeds", () => {
      const encode = (seed: number) =>
        poissonEncoding(
          tensorFrom(image, [1, 1, 1, 5]),
          8,
          seededUniform((t) => seed + t),
        ).toFloat32Array();
      expect(encode(1)).toEqual(encode(1));
      expect(encode(1)).not.toEqual(encode(50));
    });
  });
});
