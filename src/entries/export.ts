/**
 * Networks as plain data, for other programs, and written for them.
 *
 * @module snnseg/export
 */

export {
  type CarriedMap,
  type ConvStatistics,
  type EventInput,
  type ExportedMeta,
  type ExportOptions,
  type ExportTargetName,
  type FoldedActivation,
  type FoldedConv,
  type FoldedNetwork,
  foldNetwork,
  type GraphMeta,
  type OnnxContents,
  type OnnxValue,
  type PictureInput,
  type ReluActivation,
  readOnnx,
  type SpikingActivation,
  type WebModelMeta,
  writeWebModel,
} from "../export/index.js";
