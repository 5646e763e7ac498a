/** Weights on disk: safetensors, run checkpoints, PyTorch's files. Plain typed arrays, no engine, no foreign code. */

export { fromBfloat16, fromFloat16, toFloat32, toNumbers } from "./half.js";
// Arrays by name
export {
  type ArrayData,
  type ArrayDType,
  elementBytes,
  elementCount,
  type NamedArray,
  type NamedArrays,
} from "./named-arrays.js";
export type { SafetensorsEntry, SafetensorsHeader } from "./safetensors-header.js";
// safetensors
export {
  readSafetensors,
  readSafetensorsArray,
  readSafetensorsHeader,
  type SafetensorsFile,
} from "./safetensors-read.js";
export { writeSafetensors } from "./safetensors-write.js";
