/** Finds the state dict in what a training script saved, and keeps what lies beside it. */

import type { NamedArrays } from "../../arrays/index.js";
import { DataFormatError } from "../../errors.js";
import { isTensor, type PickleDict, type PickleValue } from "./pickle-value.js";

/** Where scripts put it; a file may also be the state dict itself. */
const places = ["state_dict", "model_state_dict", "model_state", "model", "net", "weights"];

/** A state dict, and the other entries of the dict it was found in (config, thresholds, epoch …). */
export interface FoundStateDict {
  /** The state dict. */
  readonly tensors: NamedArrays;
  /** Entries beside it, by key; none where the file was the state dict itself. */
  readonly others: ReadonlyMap<string, PickleValue>;
}

/**
 * The state dict of a PyTorch file.
 *
 * @param value - what {@link readPytorch} gave
 * @param path - the file, for messages
 * @throws DataFormatError if there is none
 */
export function findStateDict(value: PickleValue, path: string): FoundStateDict {
  const whole = asStateDict(value);
  if (whole !== undefined) return { tensors: whole, others: new Map() };
  if (value instanceof Map) {
    const entries = new Map([...(value as PickleDict)].map(([key, item]) => [String(key), item] as const));
    for (const place of places) {
      const tensors = asStateDict(entries.get(place) ?? null);
      if (tensors === undefined) continue;
      entries.delete(place);
      return { tensors, others: entries };
    }
  }
  const found =
    value instanceof Map ? `a dict of ${[...value.keys()].slice(0, 5).join(", ")}` : "another value";
  throw new DataFormatError(
    `read ${path}: expected a state dict, alone or under ${places.join(", ")}, received ${found}; save model.state_dict()`,
  );
}

/** A non-empty dict from texts to tensors, or nothing. */
function asStateDict(value: PickleValue): NamedArrays | undefined {
  if (!(value instanceof Map) || value.size === 0) return undefined;
  const tensors: NamedArrays = new Map();
  for (const [key, item] of value as PickleDict) {
    if (typeof key !== "string" || !isTensor(item)) return undefined;
    tensors.set(key, item);
  }
  return tensors;
}
