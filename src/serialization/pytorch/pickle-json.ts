/** Python's plain values as JSON, for metadata: what JSON cannot hold is told as text. */
import type { JsonObject, JsonValue } from "../json-value.js";
import { isTensor, type PickleDict, type PickleValue } from "./pickle-value.js";

/**
 * Dicts become objects, tensors their description, bytes their length, numbers beyond JSON their digits.
 *
 * @param value - not changed
 */
export function pickleToJson(value: PickleValue): JsonValue {
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (isTensor(value)) return `tensor ${value.dtype} [${value.shape.join(", ")}]`;
  if (value instanceof Map) return dictToJson(value as PickleDict);
  return value.map(pickleToJson);
}

function dictToJson(dict: PickleDict): JsonObject {
  return Object.fromEntries([...dict].map(([key, item]) => [String(key), pickleToJson(item)]));
}
