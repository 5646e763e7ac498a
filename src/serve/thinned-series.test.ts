import { expect, it } from "vitest";
import { ThinnedSeries } from "./thinned-series.js";

it("keeps all items while they are few", () => {
  const series = new ThinnedSeries<number>(8);
  for (let i = 0; i < 8; i++) series.push(i);
  expect(series.items).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

it("keeps evenly chosen ones of many and the newest, never more than its limit", () => {
  const series = new ThinnedSeries<number>(8);
  const wrong: number[] = [];
  for (let i = 0; i < 100_000; i++) {
    series.push(i);
    const { items } = series;
    if (items.length > 9 || items[0] !== 0 || items.at(-1) !== i) wrong.push(i);
  }
  expect(wrong).toEqual([]);
  const gaps = series.items.slice(1, -1).map((item, i) => item - series.items[i]!);
  expect(new Set(gaps)).toEqual(new Set([16_384]));
});
