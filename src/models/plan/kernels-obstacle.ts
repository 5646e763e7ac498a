/** Which plans the fused kernels can run: their convolutions read bits, through one pooling at most, and fire. */
import type { NetworkPlan, PlannedLayer } from "./plan-network.js";

/** Why the fused kernels cannot run a plan, as the end of a sentence; `undefined` if they can. @param plan - its layers */
export function kernelsObstacle({ layers }: NetworkPlan): string | undefined {
  for (const layer of layers) {
    const obstacle = layerObstacle(layer);
    if (obstacle !== undefined) return `${layer.name} ${obstacle}`;
  }
  const behind = layers.filter(({ kind }) => kind !== "keep");
  const pooled = behind.findIndex(({ kind }, i) => kind === "pool" && behind[i + 1]?.kind !== "conv");
  return pooled < 0 ? undefined : `${behind[pooled]!.name} pools for something else than a convolution`;
}

function layerObstacle(layer: PlannedLayer): string | undefined {
  if (layer.kind === "join") return "joins maps of two sizes, which are no spikes any more";
  if (layer.kind === "fire") return "fires on a map of currents, not on a convolution's";
  if (layer.kind !== "conv") return undefined;
  if (layer.depthwise) return "is a depthwise convolution";
  if (layer.stride > 1) return `is a convolution of stride ${layer.stride}`;
  return layer.fires ? undefined : "is a convolution without neurons behind it";
}
