/** Networks as plain data, for other programs. */

export {
  type Exported,
  type ExportedView,
  type ExportOptions,
  type ExportTarget,
  exportChoices,
  type LiveExample,
} from "./export-target.js";
export type { EventInput, ExportedMeta, PictureInput } from "./exported-meta.js";
export { foldNetwork } from "./fold-network.js";
export type {
  ConvStatistics,
  FoldedActivation,
  FoldedConv,
  FoldedNetwork,
  ReluActivation,
  SpikingActivation,
} from "./folded-network.js";
export type * from "./nir/index.js";
export { nirObstacles, readNir, runNir, toNir, writeNir } from "./nir/index.js";
export {
  type CarriedMap,
  type GraphMeta,
  type OnnxContents,
  type OnnxValue,
  readOnnx,
} from "./onnx/index.js";
export { type ExportTargetName, exportTargets } from "./targets.js";
export { type WebModelMeta, writeWebModel } from "./web/write-web-model.js";
