/** Calls an operator of libtorch's dispatcher by name; the typed wrappers in `ops/` are built on it. */
import { guarded, type Handle } from "./native.js";
import { Tensor } from "./tensor.js";

/** A random source for one operator call: the same seed gives the same numbers. */
export interface Generator {
  readonly seed: number;
}

/** What may be passed to an operator; `undefined` takes the schema's default, `null` is None. */
export type Argument =
  | Tensor
  | Generator
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly (Tensor | number | boolean | null)[];

const resolved = new Map<string, number>();

/** Calls `name` (`aten::add.Tensor`, overload after the dot) and returns its results as they come. */
export function invoke(name: string, args: readonly Argument[]): unknown {
  return guarded((addon) => {
    let operator = resolved.get(name);
    if (operator === undefined) {
      const dot = name.indexOf(".");
      operator = dot < 0 ? addon.resolve(name, "") : addon.resolve(name.slice(0, dot), name.slice(dot + 1));
      resolved.set(name, operator);
    }
    return addon.invoke(operator, args.map(unwrap));
  });
}

/** Calls an operator that returns one tensor. */
export function call(name: string, args: readonly Argument[]): Tensor {
  return new Tensor(invoke(name, args) as Handle);
}

/** Calls an operator that returns several tensors, or a list of them. */
export function callMany(name: string, args: readonly Argument[]): Tensor[] {
  return (invoke(name, args) as Handle[]).map((handle) => new Tensor(handle));
}

/** Calls an operator that works in place and returns its first argument. */
export function callInPlace<T extends Tensor>(name: string, self: T, args: readonly Argument[]): T {
  new Tensor(invoke(name, [self, ...args]) as Handle).dispose();
  return self;
}

function unwrap(argument: Argument | null): unknown {
  if (argument instanceof Tensor) return argument.handle;
  return Array.isArray(argument) ? argument.map(unwrap) : argument;
}
