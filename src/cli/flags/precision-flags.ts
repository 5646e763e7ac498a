/** Flags about how a command computes a network: by its own forward, or on fused kernels. */
import { Option } from "commander";
import { OptionError } from "../../errors.js";
import type { ComputePrecision } from "../../inference/index.js";

export function precisionOption(): Option {
  return new Option(
    "--precision <NAME>",
    "fp32, or of spiking networks on a CPU fused kernels: fast (weights of 12 to 16 bits) or int8",
  ).choices(["fp32", "fast", "int8"]);
}

export function explainOption(): Option {
  return new Option("--explain", "say which kernel computes each layer, why, and how often the layer fires");
}

/** @throws OptionError where there is nothing to explain */
export function checkExplain(precision: ComputePrecision | undefined): void {
  if (precision !== undefined && precision !== "fp32") return;
  throw new OptionError(
    "--explain: expected fused kernels, received --precision fp32; write --precision fast or int8",
  );
}
