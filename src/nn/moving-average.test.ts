import { describe, expect, it } from "vitest";
import { copyInto, liveTensors, noGrad, scope, type Tensor, tensorFrom } from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { MovingAverage } from "./moving-average.js";

const values = (x: Tensor) => [...x.toFloat32Array()];
const of = (...numbers: number[]) => tensorFrom(Float32Array.from(numbers), [numbers.length]);

describe("MovingAverage", () => {
  it("follows its recursion and swaps back and forth", () => {
    const before = liveTensors();
    scope("test", () => {
      const weight = of(1, 2).setRequiresGrad(true);
      using average = new MovingAverage(new Map([["w", weight]]), { decay: 0.5 });
      let expected = [1, 2];
      for (const [n, next] of [
        [0, [3, 0]],
        [1, [5, 5]],
        [2, [-1, 4]],
        [40, [2, 2]],
      ] as const) {
        while (average.updates < n) {
          average.update();
          const d = Math.min(0.5, average.updates / (9 + average.updates));
          expected = expected.map((a, i) => d * a + (1 - d) * values(weight)[i]!);
        }
        noGrad(() => copyInto(weight, of(...next)));
        average.update();
        const d = Math.min(0.5, (1 + n) / (10 + n));
        expected = expected.map((a, i) => d * a + (1 - d) * next[i]!);
      }
      expect(values(average.averages().get("w")!)).toEqual(expected.map((a) => expect.closeTo(a, 5)));
      average.swap();
      expect(values(weight)).toEqual(expected.map((a) => expect.closeTo(a, 5)));
      expect(weight.requiresGrad).toBe(true);
      average.swap();
      expect(values(weight)).toEqual([2, 2]);
    });
    expect(liveTensors()).toBe(before);
  });

  it("goes on from saved averages, and refuses others", () => {
    scope("test", () => {
      using average = new MovingAverage(new Map([["w", of(0, 0)]]), { decay: 0.9 });
      average.load(new Map([["w", of(4, 5)]]), 7);
      expect([values(average.averages().get("w")!), average.updates]).toEqual([[4, 5], 7]);
      expect(() => average.load(new Map([["w", of(1)]]), 1)).toThrow(ShapeError);
      expect(() => average.load(new Map(), 1)).toThrow(/received \[nothing\]/);
    });
  });
});
