/** Two ways of doing the same, side by side. */
import { cpus } from "node:os";
import { versions } from "../../environment/index.js";
import { formatTable } from "../lines/format.js";
import type { Measured } from "./interleave.js";

export type MeasuredPair = { readonly twin: Measured; readonly ours: Measured };

/** The figures for programs: times in ms, memory in bytes, twin over ours. */
export function comparisonOf({ twin, ours }: MeasuredPair) {
  return {
    ratio: twin.ms / ours.ms,
    cpuRatio: twin.cpuMs / ours.cpuMs,
    memoryRatio: twin.peakBytes / ours.peakBytes,
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

/** The figures for people. */
export function comparisonLines(pair: MeasuredPair): string {
  const { ratio, cpuRatio, memoryRatio } = comparisonOf(pair);
  const row = (name: string, { ms, cpuMs, peakBytes }: Measured) => [
    name,
    ms.toFixed(1),
    cpuMs.toFixed(1),
    (peakBytes / 2 ** 20).toFixed(1),
  ];
  return formatTable([
    ["", "ms", "processor ms", "extra tensor memory, MiB"],
    row("plain twin", pair.twin),
    row("ours", pair.ours),
    ["ratio", ratio.toFixed(2), cpuRatio.toFixed(2), memoryRatio.toFixed(2)],
  ]);
}

/** Spikes per neuron and timestep of every layer. */
export function densityLines(layers: Readonly<Record<string, number>>): string {
  const rows = Object.entries(layers).map(([name, share]) => [name, percent(share)]);
  return formatTable([["layer", "density"], ...rows]);
}

export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** What the figures were measured on. */
export function machine() {
  return {
    machine: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} processors`,
    ...versions(),
    date: new Date().toISOString(),
  };
}
