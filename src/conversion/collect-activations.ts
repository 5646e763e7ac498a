/** The distribution of an ANN's activations, layer by layer. */
import { noGrad, permute, scope, type Tensor } from "../engine/index.js";
import type { AnnModel } from "../models/index.js";
import { ActivationHistogram } from "./activation-histogram.js";
import { inEvaluation } from "./in-evaluation.js";

/** One histogram for a whole layer, or one per channel. */
export type LayerActivations = readonly ActivationHistogram[];

/**
 * Runs the ANN over batches of images and counts what enters its activations.
 *
 * @param model - runs in evaluation mode; its mode is put back
 * @param batches - images `[N, C, H, W]`
 * @param options - one histogram for each channel, or one for the whole layer
 * @returns by layer, input first; FCN's decoder stages too
 */
export function collectActivations(
  model: AnnModel,
  batches: Iterable<Tensor>,
  { perChannel }: { readonly perChannel: boolean },
): Map<string, ActivationHistogram[]> {
  const layers = new Map<string, ActivationHistogram[]>();
  const count = (name: string, current: Tensor) => {
    const channels = current.shape[1]!;
    const groups = perChannel ? channels : 1;
    const histograms = layers.get(name) ?? Array.from({ length: groups }, () => new ActivationHistogram());
    layers.set(name, histograms);
    const values = scope("values", () => permute(current, [1, 0, 2, 3]).toFloat32Array()); // [C, N, H, W]
    const perGroup = values.length / groups;
    for (const [group, histogram] of histograms.entries()) {
      histogram.add(values.subarray(group * perGroup, (group + 1) * perGroup));
    }
  };
  return inEvaluation(model, () => {
    for (const images of batches) {
      scope("collect activations", () => {
        noGrad(() => model.forward(images, { observer: { current: count } }));
      });
    }
    return layers;
  });
}
