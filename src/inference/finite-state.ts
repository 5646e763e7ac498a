/** Networks whose training diverged are refused before anything is made of them. */
import { allFinite } from "../engine/index.js";
import { OptionError } from "../errors.js";
import type { SegmentationModel } from "../models/index.js";

/** @throws OptionError naming the first tensor with a value that is NaN or infinite */
export function checkFiniteState(operation: string, model: Pick<SegmentationModel, "state">): void {
  for (const [name, tensor] of model.state()) {
    if (allFinite(tensor)) continue;
    throw new OptionError(
      `${operation}: expected finite values in ${name}, received NaN or infinity; the training diverged, take an earlier checkpoint`,
    );
  }
}
