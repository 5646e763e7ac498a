/** Ways are timed in turn. */
import { describe, expect, it } from "vitest";
import { interleave } from "./interleave.js";

describe("interleave", () => {
  it("runs the ways in turn, each once more than the rounds", () => {
    const order: string[] = [];
    const { a } = interleave({ a: () => void order.push("a"), b: () => void order.push("b") }, 2);
    expect(order).toEqual(["a", "b", "a", "b", "a", "b"]);
    expect(a.peakBytes).toBe(0);
  });
});
