/** Trains, shows how it goes, and says where the results are: the common part of `train` and `demo`. */
import type { Config } from "../../config/index.js";
import { exchangeOfRanks } from "../../engine/index.js";
import { isIntegerNeuron } from "../../neurons/index.js";
import { type RankOptions, type TrainingOrder, trainNetwork, warnOf } from "../../runs/index.js";
import { evaluationWarnings, type StartedRun } from "../../training/index.js";
import type { CommandContext } from "../context.js";
import { formatCount, formatDuration } from "../lines/format.js";
import { scoreJson, scoreLines } from "../lines/score-lines.js";
import { shellWord } from "../lines/shell-word.js";
import type { Terminal } from "../terminal/terminal.js";
import { TrainingLines } from "./training-lines.js";

/**
 * Runs a training to its end or to Ctrl-C, and prints the result; of several ranks only the first speaks.
 *
 * @param ranks - this process's place among several
 */
export async function runTraining(
  order: TrainingOrder,
  context: CommandContext,
  ranks?: RankOptions,
): Promise<void> {
  if (ranks !== undefined && ranks.place.rank > 0) {
    await trainNetwork(order, { signal: () => context.interrupt(), ranks });
    return;
  }
  const terminal = context.terminal();
  const { config } = order;
  let scored: { classes: readonly string[]; batchNorm: boolean } = { classes: [], batchNorm: true };
  const trained = await trainNetwork(order, {
    signal: () => context.interrupt(),
    listener: terminal,
    ranks,
    observe: (run) => {
      introduce(run, terminal);
      if (ranks !== undefined)
        terminal.note(
          `rank 0 of ${ranks.place.world}, which share every batch over ${exchangeOfRanks(config.device)}`,
        );
      const { evalLoader, modelConfig } = run.experiment;
      scored = { classes: evalLoader.dataset.classes, batchNorm: modelConfig.batchNorm };
      return new TrainingLines(terminal, { epochs: config.epochs, ...scored });
    },
  });
  const { folder, finished, progress, best, picture, report, suspicions, seconds } = trained;
  if (!finished || best === null) {
    const resume = `snnseg train --resume --run ${shellWord(folder.path)}`;
    terminal.print(
      `stopped after ${progress.epoch} of ${config.epochs} epochs and ${progress.step} steps; continue with: ${resume}`,
    );
    terminal.result({
      run: folder.path,
      finished: false,
      epoch: progress.epoch,
      step: progress.step,
      resume,
    });
    return;
  }
  terminal.print(`\nbest of the run, after epoch ${best.epoch}, on split ${best.split}:`);
  terminal.print(scoreLines(best, scored.classes));
  for (const warning of evaluationWarnings(best, scored)) terminal.warn(warning);
  terminal.print(`\ntrained in ${formatDuration(seconds)}`);
  terminal.print(`run     ${folder.path}`);
  if (picture !== undefined) terminal.print(`picture ${picture}`);
  terminal.print(`report  ${report}`);
  terminal.result({
    ...scoreJson(best, scored.classes),
    run: folder.path,
    finished: true,
    checkpoint: folder.best,
    picture,
    report,
    seconds,
    final: progress.latest,
    suspicions,
  });
}

function timeWords({ model, timesteps, neuron, levels }: Config): string {
  if (model === "ann") return "";
  const sends = isIntegerNeuron(neuron) ? `, integers 0..${levels}` : "";
  return `${sends}, ${timesteps} timestep${timesteps === 1 ? "" : "s"}`;
}

function introduce({ experiment, folder, progress }: StartedRun, terminal: Terminal): void {
  const { config, model, trainLoader, evalLoader } = experiment;
  const parameters = [...model.parameters().values()].reduce((sum, tensor) => sum + tensor.numel, 0);
  const kind = `${config.model === "snn" ? "spiking" : "plain"} ${config.arch}${timeWords(config)}`;
  const { train, evaluate } = { train: trainLoader.dataset, evaluate: evalLoader.dataset };
  terminal.note(
    `${kind}, ${formatCount(parameters)} parameters, on ${train.name} at ${train.size.join("x")}: ` +
      `${train.split} ${train.length}, ${evaluate.split} ${evaluate.length} examples, ${train.classes.length} classes`,
  );
  warnOf([train, evaluate], terminal);
  const from =
    progress.epoch + progress.step > 0
      ? `, going on after epoch ${progress.epoch}, step ${progress.step}`
      : "";
  terminal.note(`run ${folder.path}, seed ${config.seed}${from}`);
}
