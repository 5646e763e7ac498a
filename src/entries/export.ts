/**
 * Networks as plain data, for other programs.
 *
 * @module snnseg/export
 */

export {
  type FoldedActivation,
  type FoldedConv,
  type FoldedNetwork,
  foldNetwork,
  type ReluActivation,
  type SpikingActivation,
} from "../export/index.js";
