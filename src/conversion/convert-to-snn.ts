/** Conversion in one call, for images that are fed at every timestep. */
import { refuse } from "../checks/index.js";
import { Tensor } from "../engine/index.js";
import { AnnModel, directFrames, modelDefaults, type SnnModel } from "../models/index.js";
import { readState } from "../nn/index.js";
import { type ConversionOptions, convertAnn } from "./convert-ann.js";
import type { AnnNetwork } from "./fold-batch-norm.js";

/**
 * Converts an ANN into a spiking network of the same architecture. `convertAnn` also tells what it found, and takes frames of
 * other codings.
 *
 * @param ann - the network, or its config and state; read, never written
 * @param images - `[N, C, H, W]` as the ANN is fed them, or several such batches; thresholds are chosen by what they make it do
 * @param options - method (default `"paper"`), type of thresholds (default `"layer"`), timesteps (default 20) and more
 * @returns the network in evaluation mode; the caller disposes it
 * @throws ConversionError if the network or the images do not allow it, OptionError if the options do not fit together
 * @example
 * import { convertToSnn, createModel, keep, scope } from "snnseg";
 * import { rand } from "snnseg/ops";
 *
 * const ann = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
 * const images = keep(rand([1, 3, 16, 16], 0));
 * const snn = convertToSnn(ann, images, { method: "initial", timesteps: 4 });
 * scope("ask", () => console.log(snn.forward(images).logits.shape)); // [1, 2, 16, 16]
 * for (const owner of [snn, images, ann]) owner.dispose();
 */
export function convertToSnn(
  ann: AnnModel | AnnNetwork,
  images: Tensor | readonly Tensor[],
  options: Partial<ConversionOptions> = {},
): SnnModel {
  const network = ann instanceof AnnModel ? { config: ann.config, state: readState(ann) } : ann;
  const batches = images instanceof Tensor ? [images] : images;
  if (!Array.isArray(batches))
    refuse("convert", "images", "a tensor [N, C, H, W], or a list of them", images);
  const { model } = convertAnn(
    network,
    batches.map((batch: Tensor) => ({ images: batch, frames: directFrames(batch) })),
    { method: "paper", type: "layer", timesteps: modelDefaults.timesteps, ...options },
  );
  model.setTraining(false);
  return model;
}
