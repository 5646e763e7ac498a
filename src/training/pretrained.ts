/** ImageNet weights of a VGG as the start of a network. */
import { withFile } from "../files/index.js";
import type { SegmentationModel } from "../models/index.js";
import { loadState } from "../nn/index.js";
import {
  checkWeightValues,
  findStateDict,
  isPytorchFile,
  type NamedArrays,
  readPytorch,
  readSafetensors,
  vggFeatureWeights,
} from "../serialization/index.js";

/**
 * Overwrites the convolutions of the backbone that the weights fit; the others keep their initial weights.
 *
 * @param path - torchvision's `vgg11` or `vgg16`, as `.pth` or as safetensors
 * @returns what was left out and why
 * @throws FileError or DataFormatError if the file is not there, damaged, or fits nowhere
 */
export async function loadPretrained(path: string, model: SegmentationModel): Promise<readonly string[]> {
  const expected = new Map([...model.parameters()].map(([name, tensor]) => [name, tensor.shape]));
  const { tensors, notes } = vggFeatureWeights(await readArrays(path), { path, expected });
  checkWeightValues(tensors, path);
  loadState(model, tensors);
  return notes;
}

async function readArrays(path: string): Promise<NamedArrays> {
  const start = await withFile(path, async (file) => {
    const bytes = new Uint8Array(Math.min(16, file.size));
    await file.readInto(bytes, 0);
    return bytes;
  });
  if (!isPytorchFile(start)) return (await readSafetensors(path)).tensors;
  return findStateDict((await readPytorch(path)).value, path).tensors;
}
