/** ImageNet weights of torchvision's VGG as the start of a network: the features are theirs, the rest is fresh. */
import { DataFormatError } from "../../errors.js";
import { createModel, type ModelConfig } from "../../models/index.js";
import { readState } from "../../nn/index.js";
import { type NamedArrays, vggDepth, vggFeatureWeights } from "../../serialization/index.js";
import type { Recognized } from "./recognize.js";

const archOfDepth = { 8: "dl-vgg11", 13: "dl-vgg16" } as const;
const imageChannels = 3;
/** Of VOC2012, for which the reference uses these weights. */
const vocClasses = 21;

/**
 * The network that torchvision's weights are for.
 *
 * @throws DataFormatError if they are of another VGG than 11 and 16
 */
export function recognizeVgg(
  tensors: NamedArrays,
  { path, numClasses = vocClasses }: { readonly path: string; readonly numClasses?: number | undefined },
): Recognized {
  const depth = vggDepth(tensors);
  if (depth !== 8 && depth !== 13) {
    throw new DataFormatError(
      `import ${path}: expected torchvision's vgg11 or vgg16, received a VGG of ${depth} convolutions; use one of these`,
    );
  }
  const arch = archOfDepth[depth];
  const sizes = { inputChannels: imageChannels, numClasses, kernelSize: 3 };
  return { arch, ...sizes, batchNorm: true, kind: undefined, timesteps: undefined };
}

/** A fresh network's state with the features that fit, and notes on those that do not. */
export function withVggFeatures(
  tensors: NamedArrays,
  { path, model: config }: { readonly path: string; readonly model: ModelConfig },
): { readonly tensors: NamedArrays; readonly notes: readonly string[] } {
  using model = createModel(config, { seed: 0 });
  const state = readState(model) as NamedArrays;
  const expected = new Map([...state].map(([name, { shape }]) => [name, shape]));
  const features = vggFeatureWeights(tensors, { path, expected });
  return { tensors: new Map([...state, ...features.tensors]), notes: features.notes };
}
