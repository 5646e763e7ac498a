/** Calls an operator of libtorch's dispatcher by name; the typed wrappers in `ops/` are built on it. */
import { OptionError } from "../errors.js";
import { guarded } from "./native.js";
import { Tensor } from "./tensor.js";

/** A random source for one operator call: the same seed gives the same numbers. */
export interface RandomGenerator {
  /** An integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** What draws: `cpu` (default), or `cuda:N`, whose numbers are others. */
  readonly device?: string;
}

/** What may be passed to an operator; `undefined` takes the schema's default, `null` is None. */
export type Argument =
  | Tensor
  | RandomGenerator
  | number
  | boolean
  | string
  | null
  | undefined
  | readonly (Tensor | number | boolean | null)[];

const resolved = new Map<string, number>();

/** What an operator may return: tensors come as handles of their own, tuples and lists as arrays, None as `undefined`. */
export type Result = Tensor | number | boolean | string | undefined | readonly Result[];

/**
 * Calls `name` (`aten::add.Tensor`, overload after the dot) and returns its results as they come.
 *
 * @param name - as {@link operatorNames} lists them; the overload may be empty (`aten::relu`)
 * @param args - in the order of the schema (see {@link operatorArguments}); those left out at the end take its defaults
 * @returns tensors belong to the innermost scope
 * @throws OptionError if libtorch has no such operator or an argument is not of the kind that its schema says
 * @throws NativeError if the operator refuses its arguments
 */
export function invoke(name: string, args: readonly Argument[]): Result {
  return wrap(
    guarded((addon) => {
      let operator = resolved.get(name);
      if (operator === undefined) {
        operator = addon.resolve(...nameAndOverload(name));
        resolved.set(name, operator);
      }
      return addon.invoke(operator, args.map(unwrap));
    }),
  );
}

/** `aten::add.Tensor` in two. */
export function nameAndOverload(name: string): [string, string] {
  const dot = name.indexOf(".");
  return dot < 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot + 1)];
}

/**
 * Calls an operator that returns one tensor: for those of libtorch without a wrapper here.
 *
 * @param name - with the overload after the dot, as for {@link invoke}
 * @param args - in the order of the schema, as for {@link invoke}
 * @throws OptionError if it returns something else, which is freed; see {@link invoke} for the rest
 * @example
 * ```ts
 * import { scope, tensorFrom } from "snnseg";
 * import { call, operatorArguments } from "snnseg/ops";
 *
 * console.log(operatorArguments("aten::cumsum").map(({ name, type }) => `${name}: ${type}`));
 * scope("example", () => {
 *   const x = tensorFrom(Float32Array.of(1, 2, 3), [3]);
 *   console.log(call("aten::cumsum", [x, 0]).toNumbers()); // [1, 3, 6]
 * });
 * ```
 */
export function call(name: string, args: readonly Argument[]): Tensor {
  const result = invoke(name, args);
  if (result instanceof Tensor) return result;
  return refuseResult(name, "one tensor", result);
}

/**
 * Calls an operator that returns several tensors, or a list of them.
 *
 * @param name - with the overload after the dot, as for {@link invoke}
 * @param args - in the order of the schema, as for {@link invoke}
 * @throws OptionError if it returns something else, which is freed; see {@link invoke} for the rest
 */
export function callMany(name: string, args: readonly Argument[]): Tensor[] {
  const result = invoke(name, args);
  if (Array.isArray(result) && result.every((each) => each instanceof Tensor)) return result as Tensor[];
  return refuseResult(name, "several tensors", result);
}

/**
 * Calls an operator that works in place and returns its first argument.
 *
 * @param name - such as `aten::copy_`; see {@link invoke} for what it throws
 * @param self - the tensor that is written, which comes back under the same handle
 * @param args - those behind `self`
 */
export function callInPlace<T extends Tensor>(name: string, self: T, args: readonly Argument[]): T {
  call(name, [self, ...args]).dispose();
  return self;
}

function unwrap(argument: Argument | null): unknown {
  if (argument instanceof Tensor) return argument.handle;
  return Array.isArray(argument) ? argument.map(unwrap) : argument;
}

function wrap(result: unknown): Result {
  if (typeof result === "bigint") return new Tensor(result);
  return Array.isArray(result) ? result.map(wrap) : (result as Result);
}

function refuseResult(name: string, expected: string, result: Result): never {
  const received = describe(result);
  free(result);
  throw new OptionError(
    `${name}: expected an operator that returns ${expected}, received one that returns ${received}; ` +
      "call takes one tensor, callMany several, invoke whatever there is",
  );
}

function describe(result: Result): string {
  if (result === undefined) return "nothing";
  if (result instanceof Tensor) return "one tensor";
  return Array.isArray(result) ? `[${result.map(describe).join(", ")}]` : `a ${typeof result}`;
}

function free(result: Result): void {
  if (result instanceof Tensor) result.dispose();
  else if (Array.isArray(result)) result.forEach(free);
}
