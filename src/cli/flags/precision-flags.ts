/** Flags about how a command computes a network: by its own forward, or on fused kernels. */
import { InvalidArgumentError, Option } from "commander";
import { optionOf } from "../../config/index.js";
import { OptionError } from "../../errors.js";
import { type ComputePrecision, computePrecisions } from "../../inference/index.js";

const kernels = "exact (weights in fp32), fast (in 14 to 16 bits) or int8";

/** Of inference; `among`: those that a command can take. */
export function precisionOption(among: readonly ComputePrecision[] = computePrecisions): Option {
  const help = among.includes("fp32")
    ? `fp32, or of spiking networks on a CPU fused kernels: ${kernels}`
    : `fused kernels: ${kernels}`;
  return new Option("--precision <NAME>", help).choices(among);
}

/** Of training, as `snnseg train` has it. */
export function trainPrecisionOption(): Option {
  const { choices = [], help, schema, expected } = optionOf("precision");
  return new Option(`--precision <${choices.join("|")}>`, help).argParser((word) => {
    const { success, data } = schema.safeParse(word);
    if (success) return data;
    throw new InvalidArgumentError(`Expected ${expected}.`);
  });
}

export function explainOption(): Option {
  return new Option("--explain", "say which kernel computes each layer, why, and how often the layer fires");
}

/** @throws OptionError where there is nothing to explain */
export function checkExplain(precision: ComputePrecision | undefined): void {
  if (precision !== undefined && precision !== "fp32") return;
  throw new OptionError(
    "--explain: expected fused kernels, received --precision fp32; write --precision exact, fast or int8",
  );
}
