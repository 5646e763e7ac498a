/** Networks as plain data, for other programs. */

export { foldNetwork } from "./fold-network.js";
export type {
  FoldedActivation,
  FoldedConv,
  FoldedNetwork,
  ReluActivation,
  SpikingActivation,
} from "./folded-network.js";
