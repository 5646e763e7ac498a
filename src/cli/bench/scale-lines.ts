/** What `snnseg bench scale` found, as a table. */
import type { Measured, ScalePoint } from "../../benchmarks/index.js";
import { formatPercent, formatTable } from "../lines/format.js";

const mebibyte = 2 ** 20;

export function scaleLines(points: readonly ScalePoint[]): string {
  const cell = (one: Measured | undefined, key: "ms" | "peakBytes", unit: number) =>
    one === undefined ? "–" : (one[key] / unit).toFixed(1);
  const rows = points.map(({ work, sweep, value, twin, ours, density }) => [
    ...[work, sweep, String(value)],
    ...[cell(twin, "ms", 1), cell(ours, "ms", 1)],
    twin && ours ? (twin.ms / ours.ms).toFixed(1) : "",
    ...[cell(twin, "peakBytes", mebibyte), cell(ours, "peakBytes", mebibyte)],
    twin && ours ? (twin.peakBytes / ours.peakBytes).toFixed(1) : "",
    density === undefined ? "" : formatPercent(density),
  ]);
  const head = [
    "work",
    "sweep",
    "",
    "twin ms",
    "ours ms",
    "ratio",
    "twin MiB",
    "ours MiB",
    "ratio",
    "density",
  ];
  return formatTable([head, ...rows], { left: 2 });
}
