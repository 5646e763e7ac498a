/** Trains, shows how it goes, and writes results: the common part of `train` and `demo`. */
import type { ResolvedConfig } from "../../config/index.js";
import { prepareEngine } from "../../environment/index.js";
import { bitsObstacle } from "../../models/index.js";
import { poissonLoss, poissonLossWarning } from "../../neurons/index.js";
import { Tracking, warnOf, writeResults } from "../../runs/index.js";
import {
  checkFresh,
  chosenExamples,
  computingOf,
  evaluationWarnings,
  freshRunPath,
  RunFolder,
  resumeRun,
  type StartedRun,
  startRun,
  trainRun,
} from "../../training/index.js";
import type { CommandContext } from "../context.js";
import { formatCount, formatDuration } from "../lines/format.js";
import { scoreJson, scoreLines } from "../lines/score-lines.js";
import type { Progress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";
import { TrainingLines } from "./training-lines.js";

const wordAfterMs = 2000;

/**
 * What to train, and how to begin in the configuration's folder: anew where no run is, anew over a run that was killed
 * before its first full checkpoint, or where a run stopped.
 */
export type TrainingOrder = ResolvedConfig & {
  readonly preset: string | undefined;
  readonly begin: "fresh" | "restart" | "resume";
};

/** Recordings are read from start to end when they are first opened: said where that takes a while. */
async function withWordOfReading<T>(opening: Promise<T>, terminal: Terminal): Promise<T> {
  const word = setTimeout(() => {
    terminal.note("reading the recordings from start to end, this once");
  }, wordAfterMs);
  return await opening.finally(() => clearTimeout(word));
}

/** Runs a training to its end or to Ctrl-C, and prints the result. */
export async function runTraining(order: TrainingOrder, context: CommandContext): Promise<void> {
  const terminal = context.terminal();
  const { config } = order;
  const environment = prepareEngine(config);
  const folder = new RunFolder(
    config.run ?? freshRunPath(`${config.dataset}-${config.model}-${config.arch}`),
  );
  if (order.begin === "fresh") checkFresh(folder);
  const began = performance.now();
  const opening =
    order.begin === "resume"
      ? resumeRun(order, folder)
      : startRun(order, {
          folder,
          preset: order.preset,
          environment,
          onExamples: countingLine(terminal),
        });
  const run = await (config.dataset === "events" ? withWordOfReading(opening, terminal) : opening);
  const { experiment, progress } = run;
  try {
    introduce(run, terminal);
    for (const { message } of run.suspicions) terminal.warn(message);
    checkExamples(run);
    warnOfPrecision(run, terminal);
    await warnOfInput(run, terminal);
    await using tracking = await Tracking.open(run);
    const { classes } = experiment.evalLoader.dataset;
    const { batchNorm } = experiment.modelConfig;
    const lines = new TrainingLines(terminal, { epochs: config.epochs, classes, batchNorm });
    const observer = tracking.beside(lines);
    const { finished } = await trainRun({ ...run, signal: context.interrupt(), observer });
    const { best } = progress;
    if (!finished || best === null) {
      const resume = `snnseg train --resume --run ${folder.path}`;
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
    const seconds = (performance.now() - began) / 1000;
    const { picture, report } = await writeResults(experiment, {
      folder,
      resolved: order,
      best,
      environment,
    });
    if (picture !== undefined) await tracking.picture(picture, best.epoch);
    terminal.print(`\nbest of the run, after epoch ${best.epoch}, on split ${best.split}:`);
    terminal.print(scoreLines(best, classes));
    for (const warning of evaluationWarnings(best, { classes, batchNorm })) terminal.warn(warning);
    terminal.print(`\ntrained in ${formatDuration(seconds)}`);
    terminal.print(`run     ${folder.path}`);
    if (picture !== undefined) terminal.print(`picture ${picture}`);
    terminal.print(`report  ${report}`);
    terminal.result({
      ...scoreJson(best, classes),
      run: folder.path,
      finished: true,
      checkpoint: folder.best,
      picture,
      report,
      seconds,
      final: progress.latest,
      suspicions: run.suspicions,
    });
  } finally {
    await experiment[Symbol.asyncDispose]();
  }
}

/** Shows that labels are being counted, which takes a while on large data sets. */
function countingLine(terminal: Terminal): (done: number, total: number) => void {
  let progress: Progress | undefined;
  let before = 0;
  return (done, total) => {
    progress ??= terminal.stage({ label: "counting class pixels", total, unit: "images" });
    progress.itemsDone(done - before);
    before = done;
    if (done === total) progress.end();
  };
}

/** Unknown ids are told before the training, not after it. */
function checkExamples({ experiment: { config, evalLoader } }: StartedRun): void {
  chosenExamples(evalLoader.dataset, { ids: config.examples, count: config.pictures });
}

/** Tells where `--precision fast` is less than its help says. */
function warnOfPrecision({ experiment: { config, modelConfig } }: StartedRun, terminal: Terminal): void {
  if (modelConfig.kind === "ann" || computingOf(config).precision !== "fast") return;
  const obstacle =
    bitsObstacle(modelConfig) ?? (config.device === "cpu" ? undefined : `it is on ${config.device}`);
  if (obstacle === undefined) return;
  terminal.warn(
    `--precision fast: training without bit-packed spikes, since ${obstacle}; only gradients are bfloat16`,
  );
}

/** Tells what of a batch Poisson coding cannot say. */
async function warnOfInput(
  { experiment: { config, trainLoader } }: StartedRun,
  terminal: Terminal,
): Promise<void> {
  if (config.model !== "snn" || config.encoding !== "poisson") return;
  for await (const { images } of trainLoader.batches(0)) {
    const warning = poissonLossWarning(poissonLoss(images));
    if (warning !== undefined) terminal.warn(warning);
    return;
  }
}

function introduce({ experiment, folder, progress }: StartedRun, terminal: Terminal): void {
  const { config, model, trainLoader, evalLoader } = experiment;
  const parameters = [...model.parameters().values()].reduce((sum, tensor) => sum + tensor.numel, 0);
  const kind =
    config.model === "snn" ? `spiking ${config.arch}, ${config.timesteps} timesteps` : `plain ${config.arch}`;
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
