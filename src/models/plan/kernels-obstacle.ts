/** Which plans the fused kernels can run: their convolutions read bits, through one pooling at most. */
import type { NetworkPlan } from "./plan-network.js";

/** Why the fused kernels cannot run a plan, as the end of a sentence; `undefined` if they can. @param plan - its layers */
export function kernelsObstacle({ layers }: NetworkPlan): string | undefined {
  const joined = layers.find(({ kind }) => kind === "join");
  if (joined) return `${joined.name} joins maps of two sizes, which are no spikes any more`;
  const behind = layers.filter(({ kind }) => kind !== "keep");
  const pooled = behind.findIndex(({ kind }, i) => kind === "pool" && behind[i + 1]?.kind !== "conv");
  return pooled < 0 ? undefined : `${behind[pooled]!.name} pools for something else than a convolution`;
}
