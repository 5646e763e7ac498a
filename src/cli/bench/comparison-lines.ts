/** Two ways of doing the same as people read them, and what they worked on. */
import { comparisonOf, type Measured, type MeasuredPair, type Workload } from "../../benchmarks/index.js";
import { formatPercent, formatTable } from "../lines/format.js";

/** Times, memory and their ratios. */
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
  const rows = Object.entries(layers).map(([name, share]) => [name, formatPercent(share)]);
  return formatTable([["layer", "density"], ...rows]);
}

/** A workload's setting as a heading begins with it. */
export function settingWords({ setting }: Pick<Workload, "setting">): string {
  const { run, model, arch, timesteps, batchSize, imgSize, threads } = setting;
  const words = [
    ...(run === undefined ? [] : [run]),
    ...[model === "ann" ? `${arch} ANN` : arch, ...(timesteps === undefined ? [] : [`T = ${timesteps}`])],
    ...[`batch ${batchSize}`, imgSize.join("x"), `${threads} threads`],
  ];
  return words.join(", ");
}
