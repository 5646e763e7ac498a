import { describe, expect, it } from "vitest";
import type { NamedArray } from "../engine/index.js";
import { diffArrays, summarizeArrays } from "./index.js";

const f32 = (values: readonly number[], shape = [values.length]): NamedArray => ({
  dtype: "float32",
  shape,
  data: Float32Array.from(values),
});

describe("diffArrays", () => {
  it("tells equal, different, other type, other shape, and missing ones apart", () => {
    const first = new Map([
      ["same", f32([1, Number.NaN])],
      ["changed", f32([1, 2, -4, 0])],
      ["half", f32([1, 2])],
      ["shape", f32([1, 2])],
      ["gone", f32([1])],
      ["nan", f32([1, Number.NaN])],
    ]);
    const second = new Map([
      ["same", f32([1, Number.NaN])],
      ["changed", f32([1, 2.5, -5, 0])],
      ["half", { dtype: "float16", shape: [2], data: new Uint16Array([0x3c00, 0x4000]) } as const],
      ["shape", f32([1, 2], [1, 2])],
      ["nan", f32([1, 1])],
      ["new", f32([1])],
    ]);
    const rows = diffArrays(first, second);
    expect(rows.map(({ name, status }) => [name, status])).toEqual([
      ["same", "equal"],
      ["changed", "different"],
      ["half", "type"],
      ["shape", "shape"],
      ["gone", "first"],
      ["nan", "different"],
      ["new", "second"],
    ]);
    expect(rows[1]).toMatchObject({ maxAbsolute: 1, maxRelative: 0.2, differing: 2, first: "float32 [4]" });
    expect(rows[2]).toMatchObject({ maxAbsolute: 0, differing: 0, second: "float16 [2]" });
    expect(rows[5]).toMatchObject({ maxAbsolute: Infinity, differing: 1 });
  });

  it("sees a change of sign of zero, which no difference of numbers shows", () => {
    expect(diffArrays(new Map([["z", f32([0])]]), new Map([["z", f32([-0])]]))[0]).toMatchObject({
      status: "different",
      maxAbsolute: 0,
      differing: 0,
    });
  });
});

describe("summarizeArrays", () => {
  it("gives figures over the finite elements", () => {
    const rows = summarizeArrays(
      new Map([
        ["w", f32([0, 1, -3, Number.NaN, Infinity])],
        ["e", f32([])],
      ]),
    );
    expect(rows[0]).toEqual({
      name: "w",
      dtype: "float32",
      shape: [5],
      elements: 5,
      bytes: 20,
      min: -3,
      max: 1,
      mean: -2 / 3,
      notFinite: 2,
      zeros: 1,
    });
    expect(rows[1]).toEqual({
      name: "e",
      dtype: "float32",
      shape: [0],
      elements: 0,
      bytes: 0,
      notFinite: 0,
      zeros: 0,
    });
  });
});
