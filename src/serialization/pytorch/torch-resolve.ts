/**
 * Finishes what a pickle built: tensors get their elements, names that are no data are refused, and so is everything
 * that is small in the file but vast to whoever walks through it (values nested or repeated by reference).
 */
import { DataFormatError } from "../../errors.js";
import type { PickleKey, PickleValue } from "./pickle-value.js";
import { createMaterializer, type StorageSource } from "./torch-materialize.js";
import { isWindow } from "./torch-storage.js";

/** A walk through the result may go this deep, */
const deepest = 100;
/** meet `2·(bytes of pickle)` values plus this many, */
const spareValues = 100_000;
/** and `16·(bytes of file)` bytes of texts and tensors plus this many, each counted as often as it is met. */
const spareBytes = 1 << 20;

interface Resolved {
  readonly value: PickleValue;
  readonly height: number;
  readonly values: number;
  readonly bytes: number;
}

/**
 * The finished value.
 *
 * @param pickleBytes - length of the pickle that built `root`
 * @throws DataFormatError if something in it is no data, a bomb, or a tensor outside its storage
 */
export function resolveValue(
  root: unknown,
  { source, pickleBytes }: { readonly source: StorageSource; readonly pickleBytes: number },
): PickleValue {
  const refuse = (fault: string) =>
    new DataFormatError(
      `read ${source.path}: expected only tensors, dicts, lists, numbers and texts, received ${fault}; save the state_dict alone`,
    );
  const materialize = createMaterializer(source);
  const finished = new Map<unknown, Resolved>();
  const unfinished = new Set<unknown>();

  const visit = (raw: unknown, depth: number): Resolved => {
    if (typeof raw !== "object" || raw === null)
      return leaf(raw as PickleValue, typeof raw === "string" ? raw.length : 0);
    const known = finished.get(raw);
    if (known !== undefined) return known;
    if (unfinished.has(raw)) throw refuse("a value that contains itself");
    if (depth > deepest) throw refuse(`values nested more than ${deepest} deep`);
    unfinished.add(raw);
    const resolved = finish(raw, depth);
    unfinished.delete(raw);
    finished.set(raw, resolved);
    return resolved;
  };

  const finish = (raw: object, depth: number): Resolved => {
    if (isWindow(raw)) {
      const array = materialize(raw);
      return leaf(array, array.data.byteLength);
    }
    if (raw instanceof Uint8Array) return leaf(raw, raw.length);
    if (Array.isArray(raw)) {
      const items = raw.map((item: unknown) => visit(item, depth + 1));
      return join(items, { value: items.map(({ value }) => value), keyBytes: 0 });
    }
    if (raw instanceof Map) {
      const dict = new Map<PickleKey, PickleValue>();
      const items: Resolved[] = [];
      let keyBytes = 0;
      for (const [key, item] of raw as Map<PickleKey, unknown>) {
        const resolved = visit(item, depth + 1);
        keyBytes += typeof key === "string" ? key.length : 0;
        items.push(resolved);
        dict.set(key, resolved.value);
      }
      return join(items, { value: dict, keyBytes });
    }
    throw refuse("the name of a type or function where data belongs");
  };

  const { value, height, values, bytes } = visit(root, 0);
  if (height > deepest) throw refuse(`values nested more than ${deepest} deep`);
  if (values > 2 * pickleBytes + spareValues)
    throw refuse(`a bomb: ${pickleBytes} bytes that stand for ${values} values`);
  if (bytes > 16 * source.fileBytes + spareBytes)
    throw refuse(`a bomb: ${source.fileBytes} bytes that stand for ${bytes}`);
  return value;
}

function leaf(value: PickleValue, bytes: number): Resolved {
  return { value, height: 0, values: 1, bytes };
}

function join(
  items: readonly Resolved[],
  { value, keyBytes }: { value: PickleValue; keyBytes: number },
): Resolved {
  let height = 0;
  let values = 1;
  let bytes = keyBytes;
  for (const item of items) {
    height = Math.max(height, item.height);
    values += item.values;
    bytes += item.bytes;
  }
  return { value, height: height + 1, values, bytes };
}
