/** Thresholds that conversion found layer by layer, beside which the option `threshold` says nothing. */
import type { NamedArrays } from "../serialization/index.js";

/** Whether a key of a state dict names the thresholds of a layer. */
export function isThreshold(name: string): boolean {
  return name.startsWith("lif_") && name.endsWith(".threshold");
}

/** Whether a network's layers have other thresholds than `threshold`. */
export function ownThresholds(tensors: NamedArrays, threshold: number): boolean {
  const usual = Math.fround(threshold);
  return [...tensors].some(
    ([name, { data }]) => isThreshold(name) && (data as Float32Array).some((value) => value !== usual),
  );
}
