/** Thresholds in the ANN's checkpoint, by type and timesteps, so that another conversion need not search again. */
import type { Threshold, Thresholds } from "../../conversion/index.js";
import type { NamedArrays, ThresholdType } from "../../serialization/index.js";

export type ThresholdKey = { readonly type: ThresholdType; readonly timesteps: number };

/** The thresholds stored for a type and T, in the order of `layers`; `undefined` unless all are there. */
export function storedThresholds(
  arrays: NamedArrays,
  { type, timesteps }: ThresholdKey,
  layers: Iterable<string>,
): Thresholds | undefined {
  const thresholds = new Map<string, Threshold>();
  for (const layer of layers) {
    const array = arrays.get(`${type}.${timesteps}.${layer}`);
    if (!(array?.data instanceof Float32Array)) return undefined;
    thresholds.set(layer, { shape: array.data.length === 1 ? [1] : array.shape, data: array.data });
  }
  return thresholds;
}

/** `arrays` with the thresholds of a type and T in place of older ones. */
export function withThresholds(
  arrays: NamedArrays,
  { type, timesteps }: ThresholdKey,
  thresholds: Thresholds,
): NamedArrays {
  const prefix = `${type}.${timesteps}.`;
  const all: NamedArrays = new Map([...arrays].filter(([name]) => !name.startsWith(prefix)));
  for (const [layer, { shape, data }] of thresholds)
    all.set(prefix + layer, { dtype: "float32", shape, data });
  return all;
}
