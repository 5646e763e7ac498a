/** The layer-by-layer report as a table and as a picture. */
import type { LayerReport } from "../../conversion/index.js";
import type { LineChart } from "../../report/index.js";

/** What {@link layerRows} tell. */
export const layerHead = [
  "layer",
  "mean",
  "99.9 %",
  "max",
  "threshold",
  "clipped",
  "rate of ANN",
  "spike rate",
] as const;

/** A layer's number and name, its activations in the ANN, its threshold, and rates. */
export function layerRows(layers: readonly LayerReport[]): string[][] {
  return layers.map(({ name, activation, threshold, clipped, expectedRate, spikeRate }, index) => [
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
}

/** Rates and clipped shares over the depth of the network. */
export function layerChart(layers: readonly LayerReport[]): LineChart {
  const curve = (name: string, value: (layer: LayerReport) => number) => ({
    name,
    points: layers.map((layer, index) => [index + 1, value(layer)] as const),
  });
  return {
    title: "Conversion by layer",
    xName: "layer",
    yName: "per neuron and timestep",
    curves: [
      curve("spike rate", (layer) => layer.spikeRate),
      curve("rate that the ANN asks for", (layer) => layer.expectedRate),
      curve("share clipped", (layer) => layer.clipped),
    ],
  };
}

function number(value: number): string {
  return value.toPrecision(3);
}
