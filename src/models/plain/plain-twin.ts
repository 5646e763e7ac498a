/** The plain twin of any network. */
import type { AnnModel } from "../ann/index.js";
import type { SegmentationModel } from "../segmentation-model.js";
import { SnnModel } from "../snn/index.js";
import { PlainAnn } from "./plain-ann.js";
import { PlainSnn } from "./plain-snn.js";

/** @throws OptionError if the network has what its twin leaves out */
export function plainTwin(model: SegmentationModel): SegmentationModel {
  return model instanceof SnnModel ? new PlainSnn(model) : new PlainAnn(model as AnnModel);
}
