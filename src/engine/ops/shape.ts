/** Views and rearrangements; none copies unless it must. */
import { checkInteger } from "../../checks/index.js";
import { ShapeError } from "../../errors.js";
import { call, callMany } from "../call.js";
import type { Tensor } from "../tensor.js";

export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return call("aten::reshape", [x, shape]);
}

export function permute(x: Tensor, axes: readonly number[]): Tensor {
  return call("aten::permute", [x, axes]);
}

/** Merges the axes `first` to `last`. */
export function flatten(x: Tensor, first: number, last: number): Tensor {
  return call("aten::flatten.using_ints", [x, first, last]);
}

/**
 * Splits axis 0 into `[size, rest]`.
 *
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

/** The slice `index` of axis `axis`. */
export function select(x: Tensor, axis: number, index: number): Tensor {
  return call("aten::select.int", [x, axis, index]);
}

/** Elements `start … start + length − 1` of axis `axis`. */
export function narrow(x: Tensor, axis: number, start: number, length: number): Tensor {
  return call("aten::narrow", [x, axis, start, length]);
}

export function expand(x: Tensor, shape: readonly number[]): Tensor {
  return call("aten::expand", [x, shape]);
}

/** A new axis of size 1 at `axis`. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return call("aten::unsqueeze", [x, axis]);
}

export function stack(tensors: readonly Tensor[], axis = 0): Tensor {
  return call("aten::stack", [tensors, axis]);
}

export function concat(tensors: readonly Tensor[], axis = 0): Tensor {
  return call("aten::cat", [tensors, axis]);
}

/** All slices along axis 0. */
export function unbind(x: Tensor): Tensor[] {
  return callMany("aten::unbind.int", [x, 0]);
}

/** The same values with no history. */
export function detach(x: Tensor): Tensor {
  return call("aten::detach", [x]);
}

/** A copy in memory of its own. */
export function clone(x: Tensor): Tensor {
  return call("aten::clone", [x]);
}

/** `[N, C, H, W]` in channels-last memory, the layout that convolutions and the fused neurons work on. */
export function channelsLast(x: Tensor): Tensor {
  const channelsLastFormat = 2;
  return call("aten::contiguous", [x, channelsLastFormat]);
}
