/**
 * Everything a PyTorch file may name, and what we build for it. What is not in this table is refused by its name.
 */

import { elementBytes, elementCount } from "../../arrays/index.js";
import type { DType } from "../../engine/index.js";
import { numpyNames } from "./numpy-scalar.js";
import { type PickleMachine, PickleName } from "./pickle-machine.js";
import {
  ElementType,
  isStorage,
  isWindow,
  storageTypes,
  type TorchStorage,
  type TorchWindow,
} from "./torch-storage.js";

/** PyTorch's own limit is 64. */
const mostAxes = 64;

/** The table. */
export const torchNames: ReadonlyMap<string, PickleName> = new Map<string, PickleName>([
  ...storageTypes,
  ...numpyNames,
  ["collections OrderedDict", new PickleName(orderedDict)],
  ["torch Size", new PickleName(size)],
  ["torch._utils _rebuild_tensor", new PickleName(tensor)],
  ["torch._utils _rebuild_tensor_v2", new PickleName(tensorV2)],
  ["torch._utils _rebuild_tensor_v3", new PickleName(tensorV3)],
  ["torch._utils _rebuild_parameter", new PickleName(parameter)],
  ["_codecs encode", new PickleName(bytes)],
]);

/** `OrderedDict()` or, from Python 2, `OrderedDict([[key, value], …])`. */
function orderedDict(args: readonly unknown[], machine: PickleMachine): unknown {
  const [pairs = [], ...rest] = args;
  if (!Array.isArray(pairs) || rest.length > 0)
    throw machine.cursor.refuse("an OrderedDict of something else than pairs");
  machine.spend(pairs.length);
  machine.push(new Map());
  machine.setItems(
    pairs.flatMap((pair: unknown) => {
      if (!Array.isArray(pair) || pair.length !== 2)
        throw machine.cursor.refuse("an OrderedDict of something else than pairs");
      return [pair[0], pair[1]] as unknown[];
    }),
  );
  return machine.pop();
}

/** `torch.Size((2, 3))` is a tuple of sides. */
function size(args: readonly unknown[], machine: PickleMachine): unknown {
  return checkCounts(args[0], machine);
}

/** Bytes as protocol 2 spells them: a text whose letters stand for one byte each, "encoded" in Latin-1. */
function bytes(args: readonly unknown[], machine: PickleMachine): unknown {
  const [text, encoding] = args;
  if (typeof text !== "string" || (encoding !== "latin1" && encoding !== "latin-1")) {
    throw machine.cursor.refuse("a call of _codecs.encode for other than bytes");
  }
  machine.spend(text.length);
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/** storage, offset, size, stride. */
function tensor(args: readonly unknown[], machine: PickleMachine): TorchWindow {
  const [storage] = args;
  if (!isStorage(storage) || storage.dtype === undefined)
    throw machine.cursor.refuse("a tensor without a typed storage");
  return windowOf(storage, { dtype: storage.dtype, args, machine });
}

/** storage, offset, size, stride, requires_grad, backward_hooks (and, since 2.0, metadata). */
function tensorV2(args: readonly unknown[], machine: PickleMachine): TorchWindow {
  checkHooks(args[5], machine);
  return tensor(args, machine);
}

/** storage, offset, size, stride, requires_grad, backward_hooks, dtype: for untyped storages. */
function tensorV3(args: readonly unknown[], machine: PickleMachine): TorchWindow {
  const [storage] = args;
  const type = args[6];
  checkHooks(args[5], machine);
  if (!isStorage(storage) || !(type instanceof ElementType))
    throw machine.cursor.refuse("a tensor without storage or type");
  return windowOf(storage, { dtype: type.dtype, args, machine });
}

/** data, requires_grad, backward_hooks: a parameter is its tensor. */
function parameter(args: readonly unknown[], machine: PickleMachine): TorchWindow {
  const [data, , hooks] = args;
  checkHooks(hooks, machine);
  if (!isWindow(data)) throw machine.cursor.refuse("a parameter without a tensor");
  return data;
}

function windowOf(
  storage: TorchStorage,
  { dtype, args, machine }: { dtype: DType; args: readonly unknown[]; machine: PickleMachine },
): TorchWindow {
  const [offset] = checkCounts([args[1]], machine);
  const shape = checkCounts(args[2], machine);
  const strides = checkCounts(args[3], machine);
  const count = elementCount(shape);
  const text = `a tensor [${shape.join(", ")}] with strides [${strides.join(", ")}] from ${offset}`;
  if (count === undefined || shape.length !== strides.length) throw machine.cursor.refuse(text);
  const last = shape.reduce((at, side, axis) => at + (side - 1) * strides[axis]!, offset!);
  const available = storage.dtype === undefined ? storage.length / elementBytes(dtype) : storage.length;
  if (count > 0 && !(last < available)) {
    throw machine.cursor.refuse(`${text} of a storage with ${Math.floor(available)} elements`);
  }
  return { kind: "window", storage, dtype, offset: offset!, shape, strides };
}

function checkHooks(hooks: unknown, machine: PickleMachine): void {
  if (!(hooks instanceof Map) || hooks.size > 0) throw machine.cursor.refuse("a tensor with hooks");
}

function checkCounts(value: unknown, machine: PickleMachine): number[] {
  const isCount = (entry: unknown) => Number.isSafeInteger(entry) && (entry as number) >= 0;
  if (!Array.isArray(value) || value.length > mostAxes || !value.every(isCount)) {
    throw machine.cursor.refuse("a size, stride or offset that is no list of counts");
  }
  machine.spend(value.length);
  return [...value] as number[];
}
