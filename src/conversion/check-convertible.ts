/** Which architectures conversion knows: those whose spikes stand for the activations of an ANN, one layer for one. */
import { ConversionError } from "../errors.js";
import type { NetworkPlan } from "../models/index.js";

/** @throws ConversionError if the network adds up currents, in which layers of different units would meet */
export function checkConvertible({ layers }: NetworkPlan): void {
  const summing = layers.find((layer) => layer.kind === "conv" && !layer.fires);
  if (summing === undefined) return;
  throw new ConversionError(
    `convert: expected an architecture whose convolutions all have an activation, received one with currents (${summing.name}); ` +
      "train such a spiking network directly",
  );
}
