/** How much a spiking layer fired, read from what its operator counted. */
import type { Tensor } from "../../engine/index.js";
import type { LayerActivity } from "../segmentation-model.js";

/** @param perExample - shape of the neurons of one example */
export function describeActivity(
  name: string,
  batch: number,
  perExample: readonly number[],
  result: { readonly counts: Tensor; readonly excess: Tensor },
): LayerActivity {
  const neurons = perExample.reduce((product, size) => product * size, 1);
  const elements = Math.max(1, batch * neurons);
  return {
    name,
    neurons,
    spikes: result.counts.toNumbers(),
    meanExcess: result.excess.toNumbers().map((value) => value / elements),
  };
}
