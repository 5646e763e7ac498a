/** Up to which density each layer's fused kernel pays. */
import type { FusedPrecision } from "../inference/index.js";
import { crossoverDensity } from "./crossover.js";
import type { LayerTimes } from "./layer-times.js";

/** Densities at which the twin becomes as fast, by precision; `null` above all that were measured. */
export type LayerCrossover = Pick<LayerTimes, "name" | "shape"> &
  Readonly<Record<FusedPrecision, number | null>>;

/** By layer and precision the density at which the twin becomes as fast; `null` above all that were measured. */
export function layerCrossovers(layers: readonly LayerTimes[]): LayerCrossover[] {
  return [...new Set(layers.map(({ name }) => name))].map((name) => {
    const points = layers.filter((layer) => layer.name === name);
    const density = (precision: FusedPrecision) =>
      crossoverDensity(
        points.map((point) => ({
          density: point.density,
          twin: point.twin.ms,
          ours: point.fused[precision].ms,
        })),
      ) ?? null;
    const { shape } = points[0]!;
    return { name, shape, exact: density("exact"), fast: density("fast"), int8: density("int8") };
  });
}
