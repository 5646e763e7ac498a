/** Two ways of doing the same as people read them, and what they worked on. */
import { comparisonOf, type Timed, type TimedPair, type Workload } from "../../benchmarks/index.js";
import { libtorchVersion } from "../../engine/index.js";
import { formatPercent, formatTable } from "../lines/format.js";

/** Times, memory where it is known, and their ratios. */
export function comparisonLines(pair: TimedPair): string {
  const { ratio, cpuRatio, memoryRatio } = comparisonOf(pair);
  const memory = (cell: string) => (memoryRatio === undefined ? [] : [cell]);
  const row = (name: string, { ms, cpuMs, peakBytes = 0 }: Timed) => [
    ...[name, ms.toFixed(1), cpuMs.toFixed(1)],
    ...memory((peakBytes / 2 ** 20).toFixed(1)),
  ];
  const table = formatTable([
    ["", "ms", "processor ms", ...memory("extra tensor memory, MiB")],
    row("plain twin", pair.twin),
    row("ours", pair.ours),
    ["ratio", ratio.toFixed(2), cpuRatio.toFixed(2), ...memory(memoryRatio?.toFixed(2) ?? "")],
  ]);
  if (memoryRatio !== undefined) return table;
  return `${table}\nmemory is left out: libtorch ${libtorchVersion()} does not tell what tensors take on a GPU, as 2.9 and later do`;
}

/** Spikes per neuron and timestep of every layer. */
export function densityLines(layers: Readonly<Record<string, number>>): string {
  const rows = Object.entries(layers).map(([name, share]) => [name, formatPercent(share)]);
  return formatTable([["layer", "density"], ...rows]);
}

/** A workload's setting as a heading begins with it. */
export function settingWords({ setting }: Pick<Workload, "setting">): string {
  const { run, model, arch, timesteps, batchSize, imgSize, threads, device } = setting;
  const words = [
    ...(run === undefined ? [] : [run]),
    ...[model === "ann" ? `${arch} ANN` : arch, ...(timesteps === undefined ? [] : [`T = ${timesteps}`])],
    ...[`batch ${batchSize}`, imgSize.join("x"), `${threads} threads`],
    ...(device === "cpu" ? [] : [device]),
  ];
  return words.join(", ");
}
