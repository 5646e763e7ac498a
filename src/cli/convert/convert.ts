/** `snnseg convert`: turns a trained ANN into a spiking network. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ConfigKey } from "../../config/index.js";
import { type ConversionMethod, conversionMethods, methodTraits } from "../../conversion/index.js";
import { OptionError } from "../../errors.js";
import { type ConvertOptions, convertDefaults } from "../../runs/index.js";
import { thresholdTypes } from "../../serialization/index.js";
import type { CommandContext } from "../context.js";
import { addConfigFlags, givenFlags } from "../flags/config-flags.js";
import { addExamples } from "../flags/examples.js";
import { positiveInteger } from "../flags/positive-integer.js";
import { convertRun } from "./convert-run.js";

const neuronFlags = ["timesteps", "leak", "encoding", "imbalance"] as const;
const dataFlags = ["root", "classes", "mnist", "cifar10", "evalSplit", "trainSplit"] as const;
const machineFlags = [
  "batchSize",
  "evalBatchSize",
  "limitBatches",
  "seed",
  "threads",
  "workers",
  "device",
  "cacheMb",
  "run",
  "pictures",
  "examples",
] as const;
const flags: readonly ConfigKey[] = [...neuronFlags, ...dataFlags, ...machineFlags];

export function define(command: Command, context: CommandContext): void {
  const methods = conversionMethods.map((method) => `${method}: ${methodTraits[method].about}`).join("\n");
  command
    .description(
      "Converts a trained ANN into a spiking network of the same architecture, scores it, and leaves a run folder " +
        "that eval, export and train --init-from take.",
    )
    .argument(
      "<run>",
      "the ANN's run folder, whose best checkpoint is taken, its number in snnseg runs, or a checkpoint file",
    )
    .addOption(
      new Option("--method <NAME>", "how thresholds are chosen")
        .choices(conversionMethods)
        .default(convertDefaults.method),
    )
    .addOption(
      new Option("--thresholds <TYPE>", "who shares a threshold")
        .choices(thresholdTypes)
        .default(convertDefaults.thresholds),
    )
    .option(
      "--scale <X>",
      "factor of all thresholds (default: 0.7 for paper, else 1); with paper it compounds, as layers are fed the spikes " +
        "of those before: the n-th works as with this factor to the power of n",
      positiveNumber,
    )
    .option(
      "--percentile <SHARE>",
      "share of activations below the threshold (default: 0.999)",
      positiveNumber,
    )
    .option(
      "--batches <N>",
      "calibration batches of the training split",
      positiveInteger,
      convertDefaults.batches,
    )
    .option("--reset", "search again instead of reusing thresholds stored in the ANN's checkpoint")
    .option(
      "--ignore-batch-norm",
      "leave the ANN's batch norm out, as the reference does, to see what it is worth",
    )
    .option("--curve [METHODS]", "score after 1, 2, 4 … timesteps too, for these methods or all", methodList)
    .option("--curve-to <T>", "last timestep of the curve", positiveInteger, convertDefaults.curveTo)
    .option("--direct <RUN>", "a directly trained spiking run to show beside the curve")
    .option("--last", "of a run folder, the last checkpoint instead of the best")
    .addHelpText("after", `\nMethods:\n${methods.replaceAll(/^/gm, "  ")}`);
  addExamples(
    command,
    "convert runs/ann --timesteps 64",
    "convert runs/ann --method calibrate --timesteps 16 --batches 8",
    "convert runs/ann --method initial --timesteps 32 --curve --direct runs/snn",
  );
  addConfigFlags(command, flags).action(async (path: string, words: ConvertOptions) => {
    checkWords(words, command.getOptionValueSource("curveTo") === "cli");
    await convertRun(path, { words, options: givenFlags(command, flags).values, context });
  });
}

/** Refuses what would change nothing. */
function checkWords(
  { method, percentile, reset, curve, direct }: ConvertOptions,
  isCurveToGiven: boolean,
): void {
  const refuse = (flag: string, expected: string, received: string) => {
    throw new OptionError(`${flag}: expected ${expected}, received ${received}; leave ${flag} out`);
  };
  const takers = conversionMethods.filter((name) => methodTraits[name].takesPercentile);
  const used = [method, ...(curve === true ? takers : (curve ?? []))];
  if (percentile !== undefined && !used.some((name) => takers.includes(name))) {
    const drawn = curve === undefined ? "" : `, and --curve ${used.slice(1).join()}`;
    refuse("--percentile", `--method ${takers.join(" or ")}, or --curve`, `--method ${method}${drawn}`);
  }
  if (reset && method !== "paper")
    refuse("--reset", "--method paper, which stores thresholds", `--method ${method}`);
  if (direct !== undefined && curve === undefined) refuse("--direct", "--curve to show the run in", "none");
  if (isCurveToGiven && curve === undefined) refuse("--curve-to", "--curve, whose end it is", "none");
}

function positiveNumber(word: string): number {
  const value = Number(word);
  if (!(value > 0)) throw new InvalidArgumentError("Expected a number above 0.");
  return value;
}

function methodList(word: string): ConversionMethod[] {
  return word.split(",").map((name) => {
    const method = conversionMethods.find((known) => known === name);
    if (method === undefined) {
      throw new InvalidArgumentError(
        `Expected methods of ${conversionMethods.join(", ")} with commas between.`,
      );
    }
    return method;
  });
}
