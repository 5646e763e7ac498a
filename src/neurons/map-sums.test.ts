import { expect, it } from "vitest";
import { expand, ones, randn, scope, sum, toDType } from "../engine/index.js";
import { mapSums, stepSums } from "./map-sums.js";

it("counts spikes exactly where their number is beyond float32's whole numbers", () => {
  scope("count", () => {
    const side = 4097;
    const all = side ** 2;
    expect(Math.fround(all)).not.toBe(all);
    const spikes = expand(ones([1, 1, 1, 1]), [2, 1, side, side]);
    expect(stepSums(mapSums(spikes), "int64").toNumbers()).toEqual([all, all]);
  });
});

it("counts integers exactly, map by map or row by row", () => {
  scope("count", () => {
    const spikes = expand(ones([1, 1, 1, 1]), [1, 3, 2, 5]);
    expect(mapSums(spikes, 127).shape).toEqual([1, 3]);
    expect(mapSums(spikes, 2 ** 23).shape).toEqual([1, 3, 2]);
    expect(stepSums(mapSums(spikes, 2 ** 23), "int64").toNumbers()).toEqual([30]);
  });
});

it("is the sum of real numbers to rounding", () => {
  scope("sum", () => {
    const x = randn([3, 2, 8, 64, 64], 1);
    const exact = sum(toDType(x, "float64"), [1, 2, 3, 4]).toNumbers();
    const sums = stepSums(mapSums(x), "float64").toNumbers();
    for (const [t, value] of sums.entries()) expect(Math.abs(value - exact[t]!)).toBeLessThan(0.01);
  });
});
