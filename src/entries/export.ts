/**
 * Networks as plain data, for other programs.
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
} from "../export/index.js";
