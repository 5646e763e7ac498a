/** How a PyTorch pickle refers to a storage: `("storage", type, key, location, length)`; the legacy format adds a view. */
import type { PickleMachine } from "./pickle-machine.js";
import { StorageType, type TorchStorage } from "./torch-storage.js";

/**
 * The storage behind a reference. Its location (`cpu`, `cuda:0`) does not matter here.
 *
 * @throws DataFormatError if the reference is of another kind, for example to a module's source code
 */
export function readStorageId(id: unknown, machine: PickleMachine): TorchStorage {
  if (!Array.isArray(id) || id.length < 5 || id.length > 6 || id[0] !== "storage") {
    throw machine.cursor.refuse("a reference to something that is no storage");
  }
  const [, type, key, , length, view] = id as unknown[];
  if (!(type instanceof StorageType) || typeof key !== "string" || !isCount(length)) {
    throw machine.cursor.refuse("a storage without type, key or length");
  }
  const whole: TorchStorage = { kind: "storage", key, dtype: type.dtype, length, start: 0 };
  if (view === undefined || view === null) return whole;
  const [, start, part] = Array.isArray(view) ? (view as unknown[]) : [];
  if (!isCount(start) || !isCount(part) || start + part > length) {
    throw machine.cursor.refuse("a view outside its storage");
  }
  return { ...whole, length: part, start };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
