import { describe, expect, it } from "vitest";
import { mul, noGrad, scope, sum, tensorFrom } from "../engine/index.js";
import { QuantizedRelu } from "./quantized-relu.js";

describe("QuantizedRelu", () => {
  it("rounds to the levels between 0 and the bound", () => {
    using layer = new QuantizedRelu({ levels: 4, device: "cpu" }); // bound 4: levels 0, 1, 2, 3, 4
    const values = noGrad(() =>
      scope("test", () => [
        ...layer.forward(tensorFrom(Float32Array.of(-3, 0.4, 0.6, 2.5, 3.2, 9), [6])).toFloat32Array(),
      ]),
    );
    expect(values).toEqual([0, 0, 1, 3, 3, 4]);
  });

  it("passes gradients straight through the rounding, and teaches the bound", () => {
    using layer = new QuantizedRelu({ levels: 4, device: "cpu" });
    scope("test", () => {
      const x = tensorFrom(Float32Array.of(-1, 0.6, 3.2, 9), [4]).setRequiresGrad(true);
      const weights = tensorFrom(Float32Array.of(1, 10, 100, 1000), [4]);
      sum(mul(layer.forward(x), weights)).backward();
      expect([...x.grad!.toFloat32Array()]).toEqual([0, 10, 100, 0]);
      // dh/dλ = level/L − x/λ inside the bound, 1 above it.
      const expected = 10 * (1 / 4 - 0.6 / 4) + 100 * (3 / 4 - 3.2 / 4) + 1000;
      expect(layer.bound.grad!.item()).toBeCloseTo(expected, 3);
    });
  });
});
