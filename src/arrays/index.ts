/** Arrays by name as plain typed arrays, and how safetensors files lay them out; nothing of Node. */

export type { DType, NamedArray, TensorData } from "./element-types.js";
export {
  bytesOf,
  checkNamedArray,
  elementBytes,
  elementCount,
  type NamedArrays,
  viewAs,
  zeroArray,
} from "./named-arrays.js";
export {
  checkHeaderLength,
  parseHeader,
  type SafetensorsEntry,
  type SafetensorsHeader,
} from "./safetensors-header.js";
export { arraysOf, parseSafetensors, type SafetensorsFile } from "./safetensors-parse.js";
export { safetensorsPieces } from "./safetensors-pieces.js";
