/** Turns a tensor's window on a storage into an array: a view where it can be, a bounded copy where it must be. */

import { elementBytes, elementCount, viewAs, zeroArray } from "../../arrays/index.js";
import type { NamedArray, TensorData } from "../../engine/index.js";
import { DataFormatError } from "../../errors.js";
import type { TorchStorage, TorchWindow } from "./torch-storage.js";

/** Copies of non-contiguous tensors may take `copiesPerByte` times the file, plus `spareBytes`. */
const copiesPerByte = 4;
const spareBytes = 1 << 20;

/** Where storages' bytes come from. */
export interface StorageSource {
  /** File, for messages. */
  readonly path: string;
  readonly fileBytes: number;
  readonly bigEndian: boolean;
  /** The bytes of a storage, `length · elementBytes` of them. */
  bytes(storage: TorchStorage): Uint8Array<ArrayBuffer>;
}

/** A function that makes arrays of windows, within one file's allowance of copies. */
export function createMaterializer(source: StorageSource): (window: TorchWindow) => NamedArray {
  let allowance = copiesPerByte * source.fileBytes + spareBytes;
  const allow = (bytes: number): void => {
    allowance -= bytes;
    if (allowance < 0) {
      throw new DataFormatError(
        `read ${source.path}: expected tensors that the file can hold, received more elements than it has ` +
          "(views that repeat a few of them); save them as contiguous tensors",
      );
    }
  };
  return (window) => {
    const { storage, dtype, offset, shape, strides } = window;
    const count = elementCount(shape) ?? 0;
    const size = elementBytes(dtype);
    const bytes = source.bytes(storage);
    const contiguous = isContiguous(shape, strides);
    if (!contiguous) allow(count * size);
    const region = contiguous ? bytes.subarray(offset * size, (offset + count) * size) : bytes;
    if (source.bigEndian && size > 1) allow(region.length);
    const elements = source.bigEndian
      ? viewAs(dtype, swapped(region, size))
      : viewAs(dtype, wholeElements(region, size));
    return {
      dtype,
      shape,
      data: contiguous ? elements : gather(elements, { count, window }),
    };
  };
}

/** Whether elements follow each other in C order; axes of one element do not matter. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 1) continue;
    if (strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

function wholeElements(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  return bytes.subarray(0, bytes.length - (bytes.length % size));
}

function swapped(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
  const copy = Buffer.from(bytes.slice().buffer, 0, bytes.length - (bytes.length % size));
  if (size === 2) copy.swap16();
  if (size === 4) copy.swap32();
  if (size === 8) copy.swap64();
  return copy;
}

/** Elements in C order, found by counting through the index like an odometer. */
function gather(elements: TensorData, { count, window }: { count: number; window: TorchWindow }): TensorData {
  const { dtype, offset, shape, strides } = window;
  const result = zeroArray(dtype, count);
  const index = new Array<number>(shape.length).fill(0);
  let at = offset;
  for (let i = 0; i < count; i++) {
    result[i] = elements[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= shape[axis]! * strides[axis]!;
      index[axis] = 0;
    }
  }
  return result;
}
