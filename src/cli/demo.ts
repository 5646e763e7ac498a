/** `snnseg demo`: a small spiking network learns to find handwritten digits, within two minutes on any machine. */
import type { Command } from "commander";
import type { Config, ResolvedConfig } from "../config/index.js";
import { prepareEngine } from "../environment/index.js";
import { fitToTime, secondsPerStep, type TrainingSize } from "../training/index.js";
import type { CommandContext } from "./context.js";
import { addConfigFlags, configOf } from "./flags/config-flags.js";
import { addExamples } from "./flags/examples.js";
import { formatDuration } from "./lines/format.js";
import type { Terminal } from "./terminal/terminal.js";
import { runTraining } from "./train/run-training.js";

/** What training may take, so that set-up and demo together stay below five minutes. */
const trainingSeconds = 120;
/** Where not all examples fit that time, more steps on smaller batches teach more. */
const smallBatch = 8;
/** Small batches an epoch below which the network learns too little to show. */
const leastBatches = 80;

export function define(command: Command, context: CommandContext): void {
  addExamples(command, "demo", "demo --run runs/my-demo --epochs 6", "demo --model ann --json");
  command.description(
    "Trains a spiking network on handwritten digits over textured backgrounds, which come with the package, and " +
      "writes a picture and a report. It times a few steps first and takes as many batches of each epoch as fit " +
      "two minutes (--limit-batches, --batch-size or --epochs: as you say). All options of train can be changed.",
  );
  addConfigFlags(command).action(async () => {
    const resolved = await configOf(command, { preset: "demo" });
    const terminal = context.terminal();
    const sized = await sizeToMachine(resolved, terminal);
    if (sized.config.neuron === "integer") terminal.note(whatSpikes(sized.config));
    await runTraining({ ...resolved, ...sized, begin: "fresh" }, context);
  });
}

/** What spiking means in this network. */
function whatSpikes({ levels }: Config): string {
  return (
    `its neurons first train as ReLUs, then send integers 0..${levels} in a single timestep: an integer k is k spikes, which ` +
    "snnseg energy counts and snnseg eval --slots sends one by one"
  );
}

/** Fewer and smaller batches on a slow machine, unless the user said how much to train. */
async function sizeToMachine(resolved: ResolvedConfig, terminal: Terminal): Promise<ResolvedConfig> {
  const { config, sources } = resolved;
  const asked = (["limitBatches", "epochs", "batchSize"] as const).some((key) => sources[key] === "flag");
  if (asked) return resolved;
  prepareEngine(config);
  const whole = await sizeOf(config);
  if (whole.batches === whole.all) {
    terminal.note(
      `${config.epochs} epochs of ${whole.all} batches: about ${formatDuration(whole.seconds)} here`,
    );
    return resolved;
  }
  const small = { ...config, batchSize: smallBatch, evalEvery: 2 };
  const { batches, all, seconds } = await sizeOf(small);
  terminal.note(
    `all examples would take too long here: ${config.epochs} epochs of ${batches} of ${all} batches of ${smallBatch}, ` +
      `about ${formatDuration(seconds)} (--epochs ${config.epochs} trains on all)`,
  );
  return {
    config: { ...small, limitBatches: batches },
    sources: { ...sources, batchSize: "preset", evalEvery: "preset", limitBatches: "preset" },
  };
}

async function sizeOf(config: Config): Promise<TrainingSize & { readonly all: number }> {
  const { epochs, batchSize, digitsTrain, digitsVal } = config;
  const all = Math.ceil(digitsTrain / batchSize);
  const size = fitToTime(await secondsPerStep(config), {
    seconds: trainingSeconds,
    epochs,
    batches: all,
    evaluationBatches: Math.ceil(digitsVal / batchSize),
    least: Math.min(all, leastBatches),
  });
  return { ...size, all };
}
