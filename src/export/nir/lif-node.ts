/** Neurons of a layer as a node. */
import { ShapeError } from "../../errors.js";
import type { Shape } from "../../models/index.js";
import type { SpikingActivation } from "../folded-network.js";
import type { NirIf, NirLif, NirTensor } from "./nir-graph.js";
import { cells, filled } from "./tensors.js";

/**
 * `u = λ·v + i`, `s = [u > ϑ]`, `v = u·(1 − s)` as one step of dt by forward Euler: `LIF` with τ = dt/(1 − λ), R = 1/(1 − λ), or `IF`
 * with R = 1/dt where λ = 1. NIR gives every neuron its own numbers.
 *
 * @throws ShapeError for thresholds of neurons of another map
 */
export function lifNode(
  { leak, threshold, thresholdShape }: SpikingActivation,
  { name, map, dt }: { readonly name: string; readonly map: Shape; readonly dt: number },
): NirIf | NirLif {
  const vReset = filled(map, 0);
  const vThreshold = spread(threshold, { name, map, shape: thresholdShape });
  if (leak === 1) return { type: "IF", r: filled(map, 1 / dt), vThreshold, vReset };
  const tau = filled(map, dt / (1 - leak));
  return { type: "LIF", tau, r: filled(map, 1 / (1 - leak)), vLeak: vReset, vThreshold, vReset };
}

/** Of one threshold, one a channel, or one a neuron. */
function spread(
  threshold: Float32Array,
  { name, map, shape }: { readonly name: string; readonly map: Shape; readonly shape: readonly number[] },
): NirTensor {
  if (threshold.length === 1) return filled(map, threshold[0]!);
  const pixels = cells(map.slice(1));
  if (shape.length === 1) {
    const data = Float32Array.from({ length: cells(map) }, (_, i) => threshold[Math.floor(i / pixels)]!);
    return { shape: map, data };
  }
  if (shape.join() === map.join()) return { shape: map, data: threshold };
  throw new ShapeError(
    `toNir: expected thresholds of ${name} by channel or of its map [${map}], received [${shape}]; export at the size that they were made for`,
  );
}
