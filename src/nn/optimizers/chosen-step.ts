/** Which of its programs an optimizer's step takes. */
import { operatorRunsOn, type Tensor } from "../../engine/index.js";

/**
 * Ours on the CPU; libtorch's own pass where all parameters are on one device for which it has one; else the one composed of
 * operators on lists.
 *
 * @param values - the parameters
 * @param operator - libtorch's pass
 * @param steps - the programs
 */
export function chosenStep<Step>(
  values: readonly Tensor[],
  operator: string,
  steps: { readonly ours: Step; readonly libtorchs: Step; readonly onLists: Step },
): Step {
  const [device = "cpu", ...others] = new Set(values.map((value) => value.device));
  if (others.length > 0) return steps.onLists;
  if (device === "cpu") return steps.ours;
  return operatorRunsOn(operator, device) ? steps.libtorchs : steps.onLists;
}
