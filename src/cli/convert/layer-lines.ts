/** The layer-by-layer report as a table and as a picture. */
import type { LayerReport } from "../../conversion/index.js";
import { type LineChart, lineChartSvg } from "../../report/index.js";
import { formatTable } from "../format.js";

/** One line per layer. */
export function layerLines(layers: readonly LayerReport[]): string {
  const rows = layers.map(({ name, activation, threshold, clipped, expectedRate, spikeRate }, index) => [
    `${index + 1} ${name}`,
    number(activation.mean),
    number(activation.p999),
    number(activation.max),
    threshold.min === threshold.max
      ? number(threshold.mean)
      : `${number(threshold.min)} to ${number(threshold.max)}`,
    `${(100 * clipped).toFixed(2)} %`,
    expectedRate.toFixed(4),
    spikeRate.toFixed(4),
  ]);
  const head = ["layer", "mean", "99.9 %", "max", "threshold", "clipped", "rate of ANN", "spike rate"];
  return formatTable([head, ...rows]);
}

/** Rates and clipped shares over the depth of the network. */
export function layerChart(layers: readonly LayerReport[]): Promise<string> {
  const curve = (name: string, value: (layer: LayerReport) => number) => ({
    name,
    points: layers.map((layer, index) => [index + 1, value(layer)] as const),
  });
  const chart: LineChart = {
    title: "Conversion by layer",
    xName: "layer",
    yName: "per neuron and timestep",
    curves: [
      curve("spike rate", (layer) => layer.spikeRate),
      curve("rate that the ANN asks for", (layer) => layer.expectedRate),
      curve("share clipped", (layer) => layer.clipped),
    ],
  };
  return lineChartSvg(chart, { width: 860 });
}

function number(value: number): string {
  return value.toPrecision(3);
}
