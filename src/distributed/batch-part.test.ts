import { describe, expect, it } from "vitest";
import { batchPart, checkShares, isShared, trainingPart } from "./batch-part.js";

describe("a rank's part of a batch", () => {
  it.each([
    [8, 2],
    [7, 3],
    [2, 3],
    [0, 2],
    [1, 1],
  ])(
    "%i examples on %i ranks are each one rank's, in order, in parts that differ by one at most",
    (count, world) => {
      const parts = Array.from({ length: world }, (_, rank) => batchPart(count, { rank, world }));
      let next = 0;
      for (const [begin, end] of parts) {
        expect(begin).toBe(next);
        next = end;
      }
      expect(next).toBe(count);
      const lengths = parts.map(([begin, end]) => end - begin);
      expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
    },
  );

  it("is one example at least of a whole batch", () => {
    expect(() => checkShares(3, 3)).not.toThrow();
    expect(() => checkShares(2, 3)).toThrow(
      "each of 3 ranks, received --batch-size 2; raise it, or start fewer",
    );
  });

  it("is the whole batch in training where a rank would have none", () => {
    const place = { rank: 2, world: 3 };
    expect(trainingPart(2, place)).toEqual([0, 2]);
    expect(trainingPart(3, place)).toEqual([2, 3]);
    expect([2, 3].map((count) => isShared(count, place))).toEqual([false, true]);
  });
});
