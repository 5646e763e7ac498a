/** `snnseg bench layer`: every hidden layer by itself. */
import {
  type LayerCrossover,
  layerCrossovers,
  machine,
  spikeLayers,
  timeLayer,
  totalOf,
} from "../../benchmarks/index.js";
import { setThreads } from "../../engine/index.js";
import { engineWords } from "../../environment/index.js";
import { type FusedPrecision, fusedPrecisions } from "../../inference/index.js";
import { formatPercent, formatTable } from "../lines/format.js";
import type { Terminal } from "../terminal/terminal.js";
import type { BenchOptions } from "./bench-options.js";

/** `precision` is that of the totals. */
export type LayerOptions = BenchOptions & { readonly precision: FusedPrecision };

const defaultDensities = [0.05, 0.1, 0.25];

export function benchLayers(options: LayerOptions, terminal: Terminal): void {
  setThreads(options.threads);
  const chosen = options.density.length > 0 ? options.density : defaultDensities;
  const densities = [...chosen].sort((a, b) => a - b);
  const layers = spikeLayers(options).flatMap((shape) =>
    densities.map((density) => timeLayer(shape, { ...options, density })),
  );
  const { arch, timesteps, batchSize, imgSize, threads, rounds } = options;
  terminal.print(
    `${arch}, T = ${timesteps}, batch ${batchSize}, ${imgSize.join("x")}, ${threads} threads, ` +
      `${engineWords()}, medians of ${rounds}; milliseconds (twin / ours)`,
  );
  const rows = layers.map(({ name, shape, density, twin, fused }) => [
    ...[name, shape, formatPercent(density), twin.ms.toFixed(1)],
    ...fusedPrecisions.map(
      (precision) => `${fused[precision].ms.toFixed(1)} (${fused[precision].ratio.toFixed(1)})`,
    ),
  ]);
  terminal.print(
    formatTable([["layer", "shape", "density", "twin", ...fusedPrecisions], ...rows], { left: 2 }),
  );
  const crossovers = layerCrossovers(layers);
  terminal.print("\nspikes at which the twin becomes as fast:");
  terminal.print(crossoverLines(crossovers, densities.at(-1)!));
  terminal.result({
    ...{ benchmark: "layer", arch, timesteps, batchSize, imgSize, threads, rounds, layers, crossovers },
    ...totalOf(layers.map(({ twin, fused }) => ({ twin, ours: fused[options.precision] }))),
    ...machine(),
  });
}

function crossoverLines(crossovers: readonly LayerCrossover[], highest: number): string {
  const rows = crossovers.map((layer) => [
    ...[layer.name, layer.shape],
    ...fusedPrecisions.map((precision) => {
      const density = layer[precision];
      return density === null ? `> ${formatPercent(highest)}` : formatPercent(density);
    }),
  ]);
  return formatTable([["layer", "shape", ...fusedPrecisions], ...rows], { left: 2 });
}
