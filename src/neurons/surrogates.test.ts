import { describe, expect, it } from "vitest";
import { scope, sum, tensorFrom } from "../engine/index.js";
import { spike, surrogatePrimitive, surrogates } from "./surrogates.js";

/** Central differences of a smooth function in float64 against a float32 gradient. */
const DIFFERENCE_TOLERANCE = 1e-4;

describe("spike", () => {
  const points = [-3, -1.2, -0.7, -0.05, -0.013, 0.02, 0.11, 0.4, 0.93, 2.5];

  it.each(surrogates)("has the slope of the %s primitive", (surrogate) => {
    scope("slope", () => {
      const x = tensorFrom(Float32Array.from(points), [points.length]).setRequiresGrad(true);
      const spikes = spike(x, surrogate);
      expect([...spikes.toFloat32Array()]).toEqual(points.map((value) => (value > 0 ? 1 : 0)));
      sum(spikes).backward();
      const gradient = x.grad!.toFloat32Array();
      const h = 1e-5;
      for (const [i, point] of points.entries()) {
        const rise = surrogatePrimitive(point + h, surrogate) - surrogatePrimitive(point - h, surrogate);
        expect(Math.abs(gradient[i]! - rise / (2 * h))).toBeLessThan(DIFFERENCE_TOLERANCE);
      }
    });
  });

  it("does not fire at 0", () => {
    scope("zero", () => {
      expect(spike(tensorFrom(new Float32Array([0]), [1]), "linear").item()).toBe(0);
    });
  });
});
