/** Two ways of doing the same, side by side. */
import { cpus } from "node:os";
import { versions } from "../environment/index.js";
import type { Measured, Timed } from "./interleave.js";

export type MeasuredPair = { readonly twin: Measured; readonly ours: Measured };
export type TimedPair = { readonly twin: Timed; readonly ours: Timed };

/** The figures for programs: times in ms, memory in bytes, twin over ours; of memory nothing where a device does not tell. */
export function comparisonOf({ twin, ours }: TimedPair) {
  const isTold = twin.peakBytes !== undefined && ours.peakBytes !== undefined;
  return {
    ratio: twin.ms / ours.ms,
    cpuRatio: twin.cpuMs / ours.cpuMs,
    memoryRatio: isTold ? twin.peakBytes / ours.peakBytes : undefined,
    ours,
    twin,
  };
}

/** {@link comparisonOf} the sums of the times, and of the largest peaks. */
export function totalOf(pairs: readonly MeasuredPair[]) {
  const total = (way: keyof MeasuredPair): Measured => ({
    ms: pairs.reduce((sum, pair) => sum + pair[way].ms, 0),
    cpuMs: pairs.reduce((sum, pair) => sum + pair[way].cpuMs, 0),
    peakBytes: Math.max(0, ...pairs.map((pair) => pair[way].peakBytes)),
  });
  return comparisonOf({ twin: total("twin"), ours: total("ours") });
}

/** What the figures were measured on. */
export function machine() {
  return {
    machine: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} processors`,
    ...versions(),
    date: new Date().toISOString(),
  };
}
