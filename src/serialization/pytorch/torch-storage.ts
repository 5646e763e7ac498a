/**
 * PyTorch's storages: runs of elements that tensors look into.
 *
 * While a pickle runs, its storages have a place but maybe no bytes yet (the legacy format puts them last), so tensors
 * are remembered as windows and filled in afterwards.
 */
import type { DType } from "../../engine/index.js";
import { PickleName } from "./pickle-machine.js";

/** A storage named in a pickle; `dtype` is absent for untyped ones, which count bytes. */
export interface TorchStorage {
  readonly kind: "storage";
  /** Where its bytes are found: a file in the archive, or an entry of the list behind a legacy pickle. */
  readonly key: string;
  readonly dtype: DType | undefined;
  /** Elements, or bytes where there is no dtype. */
  readonly length: number;
  /** First element within the run of that key; not 0 only in views of the legacy format. */
  readonly start: number;
}

/** A tensor: strides and offset count elements. */
export interface TorchWindow {
  readonly kind: "window";
  readonly storage: TorchStorage;
  readonly dtype: DType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** A name that stands for a storage type. */
export class StorageType extends PickleName {
  readonly dtype: DType | undefined;
  constructor(dtype: DType | undefined) {
    super();
    this.dtype = dtype;
  }
}

/** A name that stands for an element type. */
export class ElementType extends PickleName {
  readonly dtype: DType;
  constructor(dtype: DType) {
    super();
    this.dtype = dtype;
  }
}

const storageNames: Readonly<Record<string, DType>> = {
  DoubleStorage: "float64",
  FloatStorage: "float32",
  HalfStorage: "float16",
  BFloat16Storage: "bfloat16",
  LongStorage: "int64",
  IntStorage: "int32",
  ShortStorage: "int16",
  CharStorage: "int8",
  ByteStorage: "uint8",
  BoolStorage: "bool",
};

/** PyTorch's name of the storage of an element type. */
export function storageName(dtype: DType): string {
  const found = Object.entries(storageNames).find(([, type]) => type === dtype);
  if (found === undefined) throw new RangeError(`no storage for ${dtype}`);
  return found[0];
}

/** The names of storage types and element types a file may use. */
export const storageTypes: ReadonlyMap<string, PickleName> = new Map<string, PickleName>([
  ...Object.entries(storageNames).flatMap(([name, dtype]) =>
    ["torch", "torch.cuda"].map((module) => [`${module} ${name}`, new StorageType(dtype)] as const),
  ),
  ["torch.storage UntypedStorage", new StorageType(undefined)],
  ["torch.storage _UntypedStorage", new StorageType(undefined)],
  ["torch UntypedStorage", new StorageType(undefined)],
  ...Object.values(storageNames).map((dtype) => [`torch ${dtype}`, new ElementType(dtype)] as const),
]);

/** Whether a value the machine built is a storage. */
export function isStorage(value: unknown): value is TorchStorage {
  return typeof value === "object" && value !== null && (value as TorchStorage).kind === "storage";
}

/** Whether a value the machine built is a tensor's window. */
export function isWindow(value: unknown): value is TorchWindow {
  return typeof value === "object" && value !== null && (value as TorchWindow).kind === "window";
}
