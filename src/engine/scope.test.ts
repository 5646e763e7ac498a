import { describe, expect, it } from "vitest";
import { DisposedTensorError } from "../errors.js";
import { add, keep, liveTensors, ones, scope, sum } from "./index.js";

describe("scope", () => {
  it("frees what was made inside and not returned", () => {
    const before = liveTensors();
    const total = scope("outer", () => {
      const a = ones([3]);
      const b = scope("inner", () => add(a, add(a, 1)));
      expect(b.disposed).toBe(false);
      return sum(b);
    });
    expect(liveTensors()).toBe(before + 1);
    expect(total.item()).toBe(9);
    total.dispose();
    expect(liveTensors()).toBe(before);
  });

  it("hands on tensors inside arrays, maps and plain objects", () => {
    const before = liveTensors();
    const result = scope("made", () => ({
      list: [ones([1])],
      map: new Map([["x", ones([2])]]),
      lost: ones([3]).numel,
    }));
    expect(liveTensors()).toBe(before + 2);
    expect(result.list[0]!.item()).toBe(1);
    result.list[0]!.dispose();
    result.map.get("x")!.dispose();
    expect(liveTensors()).toBe(before);
  });

  it("frees on a throw too", () => {
    const before = liveTensors();
    expect(() =>
      scope("failing", () => {
        ones([4]);
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(liveTensors()).toBe(before);
  });

  it("leaves kept tensors to their owner", () => {
    const kept = scope("made", () => ({ inner: [keep(ones([1]))] })).inner[0]!;
    expect(kept.disposed).toBe(false);
    kept.dispose();
    expect(kept.disposed).toBe(true);
  });

  it("refuses an async body, whose tensors it could not follow", () => {
    expect(() => scope("async", () => Promise.resolve(1))).toThrow(/synchronous/);
  });

  it("makes a freed tensor an error, not a crash", () => {
    const escaped: ReturnType<typeof ones>[] = [];
    scope("made", () => {
      escaped.push(ones([2]));
    });
    expect(() => sum(escaped[0]!)).toThrow(DisposedTensorError);
  });
});
