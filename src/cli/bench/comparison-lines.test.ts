import { expect, it } from "vitest";
import { comparisonLines } from "./comparison-lines.js";

const twin = { ms: 20, cpuMs: 30, peakBytes: 8 * 2 ** 20 };
const ours = { ms: 10, cpuMs: 10, peakBytes: 2 * 2 ** 20 };

it("tells times, memory and their ratios", () => {
  const rows = comparisonLines({ twin, ours }).split("\n");
  expect(rows.map((row) => row.trim().split(/\s{2,}/))).toEqual([
    ["ms", "processor ms", "extra tensor memory, MiB"],
    ["plain twin", "20.0", "30.0", "8.0"],
    ["ours", "10.0", "10.0", "2.0"],
    ["ratio", "2.00", "3.00", "4.00"],
  ]);
});

it("leaves memory out where libtorch does not tell of a device, and says so", () => {
  const unknown = { peakBytes: undefined };
  const lines = comparisonLines({ twin: { ...twin, ...unknown }, ours: { ...ours, ...unknown } });
  const [head, , , ratio, reason] = lines.split("\n").map((line) => line.trim());
  expect(head).toMatch(/^ms +processor ms$/);
  expect(ratio).toMatch(/^ratio +2.00 +3.00$/);
  expect(reason).toMatch(/^memory is left out: libtorch [\d.]+\S* does not tell .* GPU/);
});
