/** The options that a run's records may claim. */
import { applicableKeys, type Config, type ConfigKey } from "../config/index.js";
import type { SegmentationModel } from "../models/index.js";
import type { NamedArrays } from "../serialization/index.js";
import { isThreshold, ownThresholds } from "./own-thresholds.js";

/**
 * Those that mean something beside the others and that the network follows: `threshold` says nothing about layers whose
 * thresholds conversion has found.
 *
 * @param network - or its state
 */
export function optionsInForce(config: Config, network: SegmentationModel | NamedArrays): ConfigKey[] {
  const state = network instanceof Map ? network : thresholdsOf(network);
  const own = ownThresholds(state, config.threshold);
  return applicableKeys(config).filter((key) => key !== "threshold" || !own);
}

function thresholdsOf(model: SegmentationModel): NamedArrays {
  const thresholds = [...model.state()].filter(([name]) => isThreshold(name));
  return new Map(
    thresholds.map(([name, tensor]) => [
      name,
      { dtype: tensor.dtype, shape: tensor.shape, data: tensor.toArray() },
    ]),
  );
}
