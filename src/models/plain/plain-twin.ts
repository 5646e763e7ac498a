/** The plain twin of any network. */
import type { AnnModel } from "../ann/index.js";
import type { SegmentationModel } from "../segmentation-model.js";
import { SnnModel } from "../snn/index.js";
import { PlainAnn } from "./plain-ann.js";
import { PlainSnn } from "./plain-snn.js";

/**
 * A network of the same weights that computes by libtorch's own operators, step by step; the caller disposes it.
 *
 * @param model - its present weights and statistics are copied
 * @throws OptionError if the network has what its twin leaves out
 */
export function plainTwin(model: SegmentationModel): SegmentationModel {
  return model instanceof SnnModel ? new PlainSnn(model) : new PlainAnn(model as AnnModel);
}
