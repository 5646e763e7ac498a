/** `snnseg demo`: a small spiking network learns to find handwritten digits, in about two minutes on any machine. */
import type { Command } from "commander";
import type { ResolvedConfig } from "../config/index.js";
import { fitToTime, secondsPerStep } from "../training/index.js";
import { addConfigFlags, configOf } from "./config-flags.js";
import type { CommandContext } from "./context.js";
import { prepareEngine } from "./environment.js";
import { formatDuration } from "./format.js";
import { runTraining } from "./run-training.js";
import type { Terminal } from "./terminal.js";

/** What training may take, so that set-up and demo together stay below five minutes. */
const trainingSeconds = 120;
/** Batches an epoch below which the network learns too little to show. */
const leastBatches = 40;

export function define(command: Command, context: CommandContext): void {
  command.description(
    "Trains a spiking network on handwritten digits over textured backgrounds, which come with the package, and " +
      "writes a picture and a report. It times a few steps first and takes as many batches of each epoch as fit " +
      "two minutes (--limit-batches or --epochs: as many as you say). All options of train can be changed.",
  );
  addConfigFlags(command).action(async () => {
    const resolved = await configOf(command, { preset: "demo" });
    const sized = await sizeToMachine(resolved, context.terminal());
    await runTraining({ ...resolved, ...sized, begin: "fresh" }, context);
  });
}

/** Fewer batches on a slow machine, unless the user said how much to train. */
async function sizeToMachine(resolved: ResolvedConfig, terminal: Terminal): Promise<ResolvedConfig> {
  const { config, sources } = resolved;
  if (sources.limitBatches !== "default" || sources.epochs !== "preset") return resolved;
  prepareEngine(config);
  const step = await secondsPerStep(config);
  const { epochs, batchSize, digitsTrain, digitsVal } = config;
  const all = Math.ceil(digitsTrain / batchSize);
  const { batches, seconds } = fitToTime(step, {
    seconds: trainingSeconds,
    epochs,
    batches: all,
    evaluationBatches: Math.ceil(digitsVal / batchSize),
    least: Math.min(all, leastBatches),
  });
  terminal.note(
    `a step of training takes ${step.toFixed(2)} s here: ${epochs} epochs of ` +
      `${batches === all ? `all ${all}` : `${batches} of ${all}`} batches, about ${formatDuration(seconds)}`,
  );
  if (batches === all) return resolved;
  return { config: { ...config, limitBatches: batches }, sources: { ...sources, limitBatches: "preset" } };
}
