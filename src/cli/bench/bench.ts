/** `snnseg bench`: our kernels against the plain way of computing, in one process. */
import { type Command, Option } from "commander";
import { suggestion } from "../../checks/index.js";
import { OptionError } from "../../errors.js";
import type { CommandContext } from "../context.js";
import { dataKeys } from "../data/chosen-data.js";
import { addConfigFlags, givenFlags } from "../flags/config-flags.js";
import { positiveInteger } from "../flags/positive-integer.js";
import { explainOption } from "../flags/precision-flags.js";
import {
  addBenchOptions,
  countList,
  fusedPrecisionOption,
  type InferOptions,
  modelOption,
  runOption,
  type StepOptions,
  type SummaryOptions,
  trainPrecisionOption,
} from "./bench-options.js";
import type { LoadOptions } from "./load.js";
import type { ScaleOptions } from "./scale.js";
import { parseSweep, sweepNames } from "./sweeps.js";

export function define(command: Command, context: CommandContext): void {
  command.description(
    "Times this machine: fused kernels against the same network computed step by step with libtorch's own fp32 " +
      "operators, in turn in one process.",
  );
  const summary = command
    .command("summary", { isDefault: true })
    .description("The default: training and inference in every precision, and which to take; about a minute.")
    .allowExcessArguments();
  addBenchOptions(summary)
    .addOption(runOption())
    .action(async (options: SummaryOptions) => {
      const [word] = summary.args;
      if (word !== undefined) {
        const known = command.commands.map((each) => each.name());
        throw new OptionError(`bench: expected a command, received ${word}; ${suggestion(word, known)}`);
      }
      const { benchSummary } = await import("./summary.js");
      await benchSummary(options, context.terminal());
    });
  addBenchOptions(
    command.command("infer").description("Inference of a whole spiking network on Poisson-coded images."),
  )
    .addOption(fusedPrecisionOption())
    .addOption(runOption())
    .addOption(explainOption())
    .action(async (options: InferOptions) => {
      const { benchInfer } = await import("./infer.js");
      await benchInfer(options, context.terminal());
    });
  addBenchOptions(
    command
      .command("step")
      .description("One step of training: forward, loss, backward, update of the weights."),
  )
    .addOption(modelOption())
    .addOption(trainPrecisionOption())
    .addOption(runOption())
    .action(async (options: StepOptions) => {
      const { benchStep } = await import("./step.js");
      await benchStep(options, context.terminal());
    });
  addBenchOptions(
    command.command("layer").description("Every hidden layer by itself on random spikes, in all precisions."),
  )
    .addOption(fusedPrecisionOption())
    .action(async (options: InferOptions) => {
      const { benchLayers } = await import("./layer.js");
      benchLayers(options, context.terminal());
    });
  addBenchOptions(
    command
      .command("scale")
      .description("A training step and inference over timesteps, batch size, image side and threads."),
  )
    .addOption(trainPrecisionOption())
    .addOption(new Option("--work <NAME>", "what is timed; both unless given").choices(["step", "infer"]))
    .option(
      "--sweep <NAME=V,V...>",
      `values of ${sweepNames.join(", ")} while the rest stays; all four unless given`,
      parseSweep,
      [],
    )
    .option("--limit-gb <N>", "skip what would need more tensor memory", positiveInteger, 4)
    .option("-o, --output <FILE>", "plot of times and memory, SVG or PNG")
    .action(async (options: ScaleOptions) => {
      const { benchScale } = await import("./scale.js");
      await benchScale(options, context.terminal());
    });
  const load = command
    .command("load")
    .description(
      "Reading data: images a second by the loader and by a plain loop, and how long training waits.",
    )
    .option("--workers <N,N...>", "threads that read; 0 reads in the main one", countList(0), [0, 1, 2])
    .option("--batch-size <N,N...>", "images of a batch", countList(1), [4, 16])
    .option("--step-ms <N>", "length of the training step that waits", positiveInteger, 50)
    .option("--images <N>", "images of a pass", positiveInteger, 128)
    .option("--rounds <N>", "rounds of which the best counts", positiveInteger, 3);
  addConfigFlags(load, dataKeys).action(async (options: LoadOptions) => {
    const { benchLoad } = await import("./load.js");
    await benchLoad(givenFlags(load, dataKeys), options, context.terminal());
  });
}
