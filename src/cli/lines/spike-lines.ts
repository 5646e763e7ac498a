/** Spike statistics as a table. */
import { type SpikeStatistics, spikeTotals } from "../../activity/index.js";
import { formatCount, formatPercent, formatTable } from "./format.js";

/** Rates, silent and saturated neurons of every layer. */
export function spikeLines(statistics: SpikeStatistics): string {
  const rows = statistics.layers.map((layer) => [
    layer.name,
    formatCount(layer.neurons),
    layer.averageSpikes.toFixed(1),
    layer.rate.toFixed(4),
    formatPercent(layer.rate / layer.perTimestep.length),
    formatPercent(layer.silentShare),
    formatPercent(layer.saturatedShare),
    formatPercent(layer.deadShare),
  ]);
  const { totalAverage, totalNeurons, totalRate } = spikeTotals(statistics);
  const steps = statistics.layers[0]?.perTimestep.length ?? 1;
  const input = statistics.input.perTimestep;
  const active = input.reduce((sum, share) => sum + share, 0) / Math.max(1, input.length);
  rows.push([
    "total",
    formatCount(totalNeurons),
    totalAverage.toFixed(1),
    totalRate.toFixed(4),
    formatPercent(totalRate / steps),
    "",
    "",
    "",
  ]);
  const head = [
    "layer",
    "neurons",
    "average spikes",
    "rate over T",
    "per timestep",
    "silent",
    "saturated",
    "dead",
  ];
  return `${formatTable([head, ...rows])}\ninput values other than 0, per timestep: ${formatPercent(active)}`;
}
