/**
 * Thresholds that conversion found, as the reference stores them and as we do.
 *
 * There: `thresholds[type][T]`, a list with one number or tensor a layer, in the order of the layers; in older files
 * the bare list. Here: arrays named `TYPE.T.LAYER`, for example `channel.16.features.3`.
 */

import type { NamedArrays } from "../../arrays/index.js";
import type { NamedArray } from "../../engine/index.js";
import { DataFormatError } from "../../errors.js";
import { isTensor, type PickleDict, type PickleKey, type PickleValue } from "../pytorch/pickle-value.js";

/** All {@link ThresholdType}s, coarsest first. */
export const thresholdTypes = ["layer", "channel", "neuron"] as const;

/** How finely thresholds are found: one a layer, one a channel, or one a neuron. */
export type ThresholdType = (typeof thresholdTypes)[number];

/**
 * The reference's thresholds under our names.
 *
 * @param value - `thresholds[type][T]` as lists, or a bare list
 * @param options - what the value does not say
 * @param options.path - the file, for messages
 * @param options.layers - names of the layers, in order
 * @param options.bare - type and T of a bare list, which does not say them
 * @throws DataFormatError if the value is something else, or has more thresholds than there are layers
 */
export function fromReferenceThresholds(
  value: PickleValue,
  {
    path,
    layers,
    bare,
  }: {
    readonly path: string;
    readonly layers: readonly string[];
    readonly bare?: { readonly type: ThresholdType; readonly timesteps: number } | undefined;
  },
): NamedArrays {
  const result: NamedArrays = new Map();
  const refuse = (received: string) =>
    new DataFormatError(
      `read ${path}: expected thresholds[type][T] as lists with one number or tensor a layer, received ${received}`,
    );
  const add = (list: PickleValue, { type, timesteps }: { type: PickleKey; timesteps: PickleKey }): void => {
    if (!thresholdTypes.some((known) => known === type))
      throw refuse(`the type ${JSON.stringify(String(type))}`);
    if (!Array.isArray(list)) throw refuse(`no list for ${String(type)}, ${String(timesteps)} timesteps`);
    if (!Number.isSafeInteger(Number(timesteps))) throw refuse(`${String(timesteps)} as timesteps`);
    if (list.length > layers.length) throw refuse(`${list.length} of them for ${layers.length} layers`);
    for (const [i, entry] of (list as readonly PickleValue[]).entries()) {
      if (typeof entry !== "number" && !isArray(entry)) throw refuse(`something else for layer ${i}`);
      result.set(
        `${String(type)}.${String(timesteps)}.${layers[i]}`,
        typeof entry === "number" ? scalar(entry) : entry,
      );
    }
  };
  if (value instanceof Map) {
    for (const [type, byTime] of value) {
      if (!(byTime instanceof Map)) throw refuse(`no dict for ${String(type)}`);
      for (const [timesteps, list] of byTime as PickleDict) add(list, { type, timesteps });
    }
  } else if (bare === undefined) {
    throw refuse("a bare list; say its type and timesteps (--thresholds and --timesteps)");
  } else {
    add(value, bare);
  }
  return result;
}

/**
 * Our thresholds as the reference stores them: `thresholds[type][T]`, lists in the order of the layers.
 *
 * @param thresholds - arrays named `TYPE.T.LAYER`; not changed
 * @param layers - names of the spiking layers from input to output
 */
export function toReferenceThresholds(thresholds: NamedArrays, layers: readonly string[]): PickleDict {
  const result: PickleDict = new Map();
  for (const type of thresholdTypes) {
    const keys = [...thresholds.keys()].filter((key) => key.startsWith(`${type}.`));
    const times = new Set(keys.map((key) => Number(key.split(".")[1])));
    if (times.size === 0) continue;
    const byTime: PickleDict = new Map();
    for (const timesteps of times) {
      const found = layers.map((layer) => thresholds.get(`${type}.${timesteps}.${layer}`));
      byTime.set(
        timesteps,
        found.filter((array) => array !== undefined),
      );
    }
    result.set(type, byTime);
  }
  return result;
}

function isArray(value: PickleValue): value is NamedArray {
  return isTensor(value);
}

function scalar(value: number): NamedArray {
  return { dtype: "float32", shape: [1], data: Float32Array.of(value) };
}
