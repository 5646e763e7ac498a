/**
 * ImageNet weights of VGG11 and VGG16 as torchvision publishes them (Simonyan & Zisserman 2015, arXiv:1409.1556).
 *
 * Its numbers count every module (`features.0`, `features.3`, …), ours convolutions only; ours have no biases.
 */

import type { NamedArrays } from "../../arrays/index.js";
import { DataFormatError } from "../../errors.js";
import { unwrapArrays } from "./wrapper-prefix.js";

/** What fits, and what was left out and why. */
export interface VggWeights {
  /** Weights under the network's names. */
  readonly tensors: NamedArrays;
  /** What was left out and why, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Whether a state dict is torchvision's VGG: convolutions with biases, and linear layers as classifier.
 * The convolutions are numbered with gaps, as activations and poolings count too.
 *
 * @param wrapped - a state dict, which may have a wrapper's prefix
 */
export function isTorchvisionVgg(wrapped: NamedArrays): boolean {
  const tensors = unwrapArrays(wrapped);
  const classifier = tensors.get("classifier.0.weight");
  const isConvolution = tensors.get("features.0.weight")?.shape.length === 4;
  return (
    isConvolution &&
    tensors.has("features.0.bias") &&
    !tensors.has("features.1.weight") &&
    (classifier === undefined || classifier.shape.length === 2)
  );
}

/**
 * Number of convolutions among the features: 8 in VGG11, 13 in VGG16.
 *
 * @param tensors - torchvision's state dict, which may have a wrapper's prefix
 */
export function vggDepth(tensors: NamedArrays): number {
  return featureConvolutions(unwrapArrays(tensors)).length;
}

/**
 * The feature weights that fit a network, under its names.
 *
 * @param wrapped - torchvision's state dict, which may have a wrapper's prefix
 * @param options - what the weights are for
 * @param options.path - the file, for messages
 * @param options.expected - shapes of the network's weights by key
 * @throws DataFormatError if there are no such weights or not one fits
 */
export function vggFeatureWeights(
  wrapped: NamedArrays,
  { path, expected }: { readonly path: string; readonly expected: ReadonlyMap<string, readonly number[]> },
): VggWeights {
  const tensors = unwrapArrays(wrapped);
  const numbered = featureConvolutions(tensors);
  const result: NamedArrays = new Map();
  const notes: string[] = [];
  for (const [position, { key, array }] of numbered.entries()) {
    const name = `features.${position}.weight`;
    const shape = expected.get(name);
    if (`${shape}` === `${array.shape}`) result.set(name, array);
    else
      notes.push(
        `${key} [${array.shape.join(", ")}] left out: ${name} is ${shape ? `[${shape.join(", ")}]` : "not there"}`,
      );
  }
  if (result.size === 0) {
    const found =
      numbered.length === 0 ? "no features.N.weight" : `${numbered.length} convolutions of other shapes`;
    throw new DataFormatError(
      `read ${path}: expected VGG feature weights that fit the network, received ${found}; use torchvision's vgg11 or vgg16`,
    );
  }
  const dropped = [...tensors.keys()].filter(
    (key) => key.startsWith("features.") && key.endsWith(".bias"),
  ).length;
  if (dropped > 0) notes.push(`${dropped} biases left out: our convolutions have none`);
  return { tensors: result, notes };
}

function featureConvolutions(tensors: NamedArrays) {
  const numbered = [...tensors].flatMap(([key, array]) => {
    const index = /^features\.(\d+)\.weight$/.exec(key)?.[1];
    return index !== undefined && array.shape.length === 4 ? [{ key, index: Number(index), array }] : [];
  });
  return numbered.sort((a, b) => a.index - b.index);
}
