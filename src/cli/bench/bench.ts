/** `snnseg bench`: our kernels against the plain way of computing, in one process. */
import { type Command, Option } from "commander";
import { sweepNames } from "../../benchmarks/index.js";
import { suggestion } from "../../checks/index.js";
import { checkDevice } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { checkComputing, fusedPrecisions } from "../../inference/index.js";
import type { CommandContext } from "../context.js";
import { dataKeys } from "../data/chosen-data.js";
import { addConfigFlags, givenFlags } from "../flags/config-flags.js";
import { addExamples } from "../flags/examples.js";
import { positiveInteger } from "../flags/positive-integer.js";
import {
  checkExplain,
  explainOption,
  precisionOption,
  trainPrecisionOption,
} from "../flags/precision-flags.js";
import {
  addBenchOptions,
  countList,
  deviceOption,
  type InferOptions,
  modelOption,
  parseSweep,
  runOption,
  type StepOptions,
  type SummaryOptions,
} from "./bench-options.js";
import type { LayerOptions } from "./layer.js";
import type { LoadOptions } from "./load.js";
import type { ScaleOptions } from "./scale.js";

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "bench",
    "bench --run runs/mine",
    "bench infer --density 10% --threads 1",
    "bench step --model ann --precision bf16",
  );
  command.description(
    "Times this machine: fused kernels against the same network computed step by step with libtorch's own fp32 " +
      "operators, in turn in one process.",
  );
  const summary = command
    .command("summary", { isDefault: true })
    .description("The default: training and inference in every precision, and which to take; about a minute.")
    .allowExcessArguments();
  addExamples(summary, "bench summary", "bench summary --run runs/mine --threads 2");
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
  const infer = command
    .command("infer")
    .description("Inference of a whole spiking network on Poisson-coded images.");
  addExamples(
    infer,
    "bench infer --density 10% --threads 1",
    "bench infer --run runs/mine --precision int8 --explain",
  );
  addBenchOptions(infer)
    .addOption(precisionOption().default("fast"))
    .addOption(runOption())
    .addOption(deviceOption())
    .addOption(explainOption())
    .action(async (options: InferOptions) => {
      const { device } = options;
      const isChosen = infer.getOptionValueSource("precision") === "cli" || options.explain;
      const precision = isChosen || device === "cpu" ? options.precision : "fp32";
      if (options.explain) checkExplain(precision);
      checkDevice(device);
      checkComputing(precision, device);
      const { benchInfer } = await import("./infer.js");
      await benchInfer({ ...options, precision }, context.terminal());
    });
  const step = command
    .command("step")
    .description("One step of training: forward, loss, backward, update of the weights.");
  addExamples(step, "bench step --density 25% --threads 1", "bench step --model ann --precision bf16");
  addBenchOptions(step)
    .addOption(modelOption())
    .addOption(trainPrecisionOption().default("auto"))
    .addOption(runOption())
    .addOption(deviceOption())
    .action(async (options: StepOptions) => {
      checkDevice(options.device);
      const { benchStep } = await import("./step.js");
      await benchStep(options, context.terminal());
    });
  const layer = command
    .command("layer")
    .description("Every hidden layer by itself on random spikes, in all precisions.");
  addExamples(layer, "bench layer", "bench layer --arch dl-vgg16 --density 5%,25%,50% --json");
  addBenchOptions(layer)
    .addOption(precisionOption(fusedPrecisions).default("fast"))
    .action(async (options: LayerOptions) => {
      const { benchLayers } = await import("./layer.js");
      benchLayers(options, context.terminal());
    });
  const scale = command
    .command("scale")
    .description("A training step and inference over timesteps, batch size, image side and threads.");
  addExamples(
    scale,
    "bench scale --output scale.svg",
    "bench scale --work step --sweep timesteps=1,8,64 --sweep img-size=64,128 --limit-gb 8",
  );
  addBenchOptions(scale)
    .addOption(trainPrecisionOption().default("auto"))
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
  addExamples(load, "bench load", "bench load --dataset voc2012 --root VOC2012 --workers 0,2,4");
  addConfigFlags(load, dataKeys).action(async (options: LoadOptions) => {
    const { benchLoad } = await import("./load.js");
    await benchLoad(givenFlags(load, dataKeys), options, context.terminal());
  });
}
