/** Weights on disk: safetensors, run checkpoints, PyTorch's files. Plain typed arrays; no tensors, no foreign code. */

// Arrays by name

export {
  elementBytes,
  elementCount,
  type NamedArrays,
} from "../arrays/index.js";
export { type ArraySummary, summarizeArrays } from "./array-summary.js";
export { fromBfloat16, fromFloat16, toFloat32, toNumbers } from "./half.js";

// safetensors

export type { SafetensorsEntry, SafetensorsFile, SafetensorsHeader } from "../arrays/index.js";
export {
  readSafetensors,
  readSafetensorsArray,
  readSafetensorsHeader,
} from "./safetensors-read.js";
export { writeSafetensors } from "./safetensors-write.js";

// Checkpoints of a run

export {
  type Checkpoint,
  type CheckpointContent,
  checkpointPath,
  loadCheckpoint,
  readCheckpointMeta,
  saveCheckpoint,
} from "./checkpoint.js";
export { type ArrayDifference, describeArray, diffArrays } from "./checkpoint-diff.js";
export { checkpointFile } from "./checkpoint-file.js";
export { checkCheckpointFits } from "./checkpoint-fit.js";
export { checkWeightValues, type ImpossibleValue, impossibleValue } from "./checkpoint-values.js";
export { checkpointVersion } from "./checkpoint-versions.js";
export type { JsonObject, JsonValue } from "./json-value.js";

// PyTorch's files

export { pickleToJson } from "./pytorch/pickle-json.js";
export { isTensor, type PickleDict, type PickleKey, type PickleValue } from "./pytorch/pickle-value.js";
export { type FoundStateDict, findStateDict } from "./pytorch/state-dict.js";
export { isPytorchFile, type PytorchFile, parsePytorch, readPytorch } from "./pytorch/torch-read.js";
export { jsonToPickle, writePytorch } from "./pytorch/torch-write.js";

// Layouts of others

export { convolutionNames, spikingLayerNames } from "./layouts/layer-names.js";
export { fromReferenceLayout, isReferenceLayout, toReferenceLayout } from "./layouts/reference-layout.js";
export {
  fromReferenceThresholds,
  type ThresholdType,
  thresholdTypes,
  toReferenceThresholds,
} from "./layouts/reference-thresholds.js";
export { isTorchvisionVgg, type VggWeights, vggDepth, vggFeatureWeights } from "./layouts/vgg-weights.js";
