/** Views and rearrangements; none copies unless it must. */
import { checkInteger } from "../../checks/index.js";
import { ShapeError } from "../../errors.js";
import { call, callMany } from "../call.js";
import type { Tensor } from "../tensor.js";

/**
 * The elements in C order under another shape; a view of `x` where its memory allows, else a copy.
 *
 * @param x - any shape
 * @param shape - of as many elements; one size may be −1, which is computed
 * @throws NativeError if the numbers of elements differ
 */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return call("aten::reshape", [x, shape]);
}

/**
 * A view of `x` with its axes in another order.
 *
 * @param x - any shape
 * @param axes - for each axis of the result, that of `x`; `[0, 2, 3, 1]` makes `[N, H, W, C]` of `[N, C, H, W]`
 */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  return call("aten::permute", [x, axes]);
}

/**
 * Merges the axes `first` to `last`; a view where memory allows.
 *
 * @param x - any shape
 * @param first - first of the axes that become one
 * @param last - last of them, included; negative ones count from the end
 */
export function flatten(x: Tensor, first: number, last: number): Tensor {
  return call("aten::flatten.using_ints", [x, first, last]);
}

/**
 * Splits axis 0 into `[size, rest]`: a view.
 *
 * @param x - such as `[T·N, C, H, W]`
 * @param size - such as T
 * @throws OptionError if `size` is no size, ShapeError if it does not divide the axis
 */
export function splitFirst(x: Tensor, size: number): Tensor {
  checkInteger("splitFirst", "size", size);
  const [first = 0, ...rest] = x.shape;
  if (first % size !== 0) {
    throw new ShapeError(`splitFirst: expected a first axis that ${size} divides, received [${x.shape}]`);
  }
  return call("aten::view", [x, [size, first / size, ...rest]]);
}

/**
 * The slice `index` of axis `axis`: a view without that axis.
 *
 * @param x - any shape
 * @param axis - negative ones count from the last
 * @param index - from 0; negative ones count from the end
 */
export function select(x: Tensor, axis: number, index: number): Tensor {
  return call("aten::select.int", [x, axis, index]);
}

/**
 * Elements `start … start + length − 1` of axis `axis`: a view.
 *
 * @param x - any shape
 * @param axis - negative ones count from the last
 * @param start - from 0
 * @param length - size of the axis in the result
 */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  return call("aten::narrow", [x, axis, start, length]);
}

/**
 * A view of `x` in which axes of size 1, and new ones in front, repeat without a copy; not to be written.
 *
 * @param x - any shape
 * @param shape - −1 leaves a size as it is
 */
export function expand(x: Tensor, shape: readonly number[]): Tensor {
  return call("aten::expand", [x, shape]);
}

/**
 * A view of `x` with a new axis of size 1.
 *
 * @param x - any shape
 * @param axis - its place in the result; −1 is the last
 */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return call("aten::unsqueeze", [x, axis]);
}

/**
 * Tensors one behind the other along a new axis, in new memory.
 *
 * @param tensors - at least one, all of one shape
 * @param axis - its place in the result (default 0)
 */
export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  return call("aten::stack", [tensors, axis]);
}

/**
 * Tensors one behind the other along an axis that they have, in new memory.
 *
 * @param tensors - at least one; alike in all other axes
 * @param axis - whose sizes add up (default 0)
 */
export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  return call("aten::cat", [tensors, axis]);
}

/** All slices along axis 0: views. @param x - one axis or more */
export function unbind(x: Tensor): Tensor[] {
  return callMany("aten::unbind.int", [x, 0]);
}

/** The same memory with no history: no gradient passes. @param x - any shape */
export function detach(x: Tensor): Tensor {
  return call("aten::detach", [x]);
}

/** A copy in memory of its own; gradients pass. @param x - any shape */
export function clone(x: Tensor): Tensor {
  return call("aten::clone", [x]);
}

/** `[N, C, H, W]` in channels-last memory, the layout that convolutions and the fused neurons work on. @param x - itself where it has it already */
export function channelsLast(x: Tensor): Tensor {
  const channelsLastFormat = 2;
  return call("aten::contiguous", [x, channelsLastFormat]);
}
