/** Which operators libtorch's dispatcher knows, and what they take. */
import { nameAndOverload } from "./call.js";
import { guarded } from "./native.js";

/** One argument in an operator's schema. */
export interface OperatorArgument {
  /** As error messages say it. */
  readonly name: string;
  /** As in a schema: `Tensor`, `Tensor?`, `Tensor[]`, `int`, `float`, `bool` … */
  readonly type: string;
  /** Whether the operator changes it in place. */
  readonly written: boolean;
}

/**
 * Names of the operators of a namespace, as `call` takes them: `aten::add.Tensor`.
 *
 * @param namespace - `aten` (libtorch's own) or `snnseg` (this library's)
 */
export function operatorNames(namespace: string): string[] {
  return guarded((addon) => addon.operatorNames(namespace));
}

/**
 * Whether this libtorch has an operator, with a kernel for a kind of device; one that is composed of others has none.
 *
 * @param name - with the overload after the dot
 * @param device - of a tensor
 * @internal
 */
export function operatorRunsOn(name: string, device: string): boolean {
  return guarded((addon) => addon.operatorRunsOn(...nameAndOverload(name), device));
}

/**
 * The arguments of an operator in their order.
 *
 * @param name - with the overload after the dot
 * @throws OptionError if there is no such operator
 */
export function operatorArguments(name: string): readonly OperatorArgument[] {
  return guarded((addon) => addon.operatorArguments(...nameAndOverload(name)));
}
