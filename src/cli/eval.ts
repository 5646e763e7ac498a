/** `snnseg eval`: scores of a checkpoint on a split. */
import { type Command, InvalidArgumentError } from "commander";
import { SpikeRecorder } from "../activity/index.js";
import { type ConfigKey, flagOf, type Layer } from "../config/index.js";
import type { Noise } from "../datasets/index.js";
import { OptionError } from "../errors.js";
import { makeFoldersOf, writeFileAtomic } from "../files/index.js";
import { type ComputePrecision, checkComputing, Forward } from "../inference/index.js";
import { type PixelCounts, pixelCounts } from "../metrics/index.js";
import { type SegmentationModel, SnnModel } from "../models/index.js";
import { examplePicture, openTrainedRun, resultWarnings, type TrainedRun, warnOf } from "../runs/index.js";
import {
  chosenExamples,
  evaluate,
  FullSizeScores,
  type PredictedExample,
  predictExamples,
  resultOf,
} from "../training/index.js";
import type { CommandContext } from "./context.js";
import { addConfigFlags, givenFlags } from "./flags/config-flags.js";
import { addExamples } from "./flags/examples.js";
import { runFlags } from "./flags/place-flags.js";
import { checkExplain, explainOption, precisionOption } from "./flags/precision-flags.js";
import { explainLines } from "./lines/explain-lines.js";
import { formatTable } from "./lines/format.js";
import { scoreJson, scoreLines } from "./lines/score-lines.js";
import { spikeLines } from "./lines/spike-lines.js";
import type { Terminal } from "./terminal/terminal.js";

const flags: readonly ConfigKey[] = [...runFlags, "pictures", "examples"];

type Words = {
  readonly split?: string;
  readonly picture?: string;
  readonly last?: true;
  readonly noise?: Noise;
  readonly spikes?: true;
  readonly slots?: true;
  readonly precision: ComputePrecision;
  readonly explain?: true;
  readonly fullSize?: true;
};

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "eval runs/mine",
    "eval runs/mine --precision fast --explain",
    "eval runs/mine --split train --picture train.png --pictures 6",
    "eval 3 --noise gaussian=20 --json",
  );
  command
    .description("Scores a checkpoint on a split with the options that it was trained with.")
    .argument(
      "<run>",
      "a run folder, whose best checkpoint is taken, its number in snnseg runs, or a checkpoint file",
    )
    .option("--split <NAME>", "split to score; the one that training scored unless given")
    .option("--last", "of a run folder, the last checkpoint instead of the best")
    .option(
      "--noise <KIND=STRENGTH>",
      "salt-and-pepper=SHARE, gaussian=DEVIATION (of 255) or blur=PIXELS",
      parseNoise,
    )
    .addOption(precisionOption().default("fp32"))
    .addOption(explainOption())
    .option("--full-size", "also score at the masks' own size, as the field reports")
    .option("--spikes", "of a spiking network, also show how often its neurons fire")
    .option("--slots", "send integers as binary spikes, in D slots of each timestep")
    .option("--picture <FILE>", "write input, prediction and truth of examples to a PNG file");
  addConfigFlags(command, flags).action(async (path: string, words: Words) => {
    const { split, noise, last, precision } = words;
    const own = words.spikes ? "--spikes" : words.slots ? "--slots" : undefined;
    if (precision !== "fp32" && own !== undefined) {
      throw new OptionError(
        `${own}: expected the network's own forward, received --precision ${precision}; leave one of them out`,
      );
    }
    if (words.explain) checkExplain(precision);
    const given = givenFlags(command, flags);
    checkComputing(precision, String(given.values.device ?? "cpu"));
    checkPictured(words, given);
    await makeFoldersOf(words.picture);
    await using run = await openTrainedRun(path, { options: given.values, split, noise, last });
    warnOf([run.loader.dataset], context.terminal());
    await score(run, words, context.terminal());
  });
}

/** @throws OptionError if examples are chosen for a picture that nobody asked for */
function checkPictured({ picture }: Words, { values }: Layer): void {
  const key = (["pictures", "examples"] as const).find((name) => values[name] !== undefined);
  if (picture !== undefined || key === undefined) return;
  throw new OptionError(
    `${flagOf(key)}: expected --picture FILE to picture them in, received none; leave ${flagOf(key)} out`,
  );
}

function sendInSlots(model: SegmentationModel, file: string): void {
  if (!(model instanceof SnnModel)) {
    throw new OptionError(
      `--slots: expected a spiking network, received an ANN in ${file}; leave --slots out`,
    );
  }
  model.setSlots(true);
}

async function score(run: TrainedRun, words: Words, terminal: Terminal): Promise<void> {
  const { file, meta, config, model, loader, input } = run;
  const { dataset, batchCount } = loader;
  const { precision } = words;
  const total = Math.min(batchCount, config.limitBatches ?? batchCount);
  if (words.slots) sendInSlots(model, file);
  const stage = terminal.stage({ label: `evaluate ${dataset.split}`, total, unit: "images" });
  using recorder = words.spikes ? spikeRecorder(model, file) : undefined;
  using forward = new Forward(model, { precision, warn: (line) => terminal.warn(line) });
  // The network's own forward runs in chunks of timesteps.
  const scored = forward.precision === "fp32" ? model : forward;
  const fullSize = words.fullSize && new FullSizeScores(loader, { labelPixel: config.labelPixel });
  const evaluation = await evaluate(scored, fullSize?.loader ?? loader, {
    observer: recorder,
    onLogits: fullSize?.add,
    input,
    seed: config.seed,
    limitBatches: run.limitBatches,
    trainPixels: run.trainPixels,
    onBatch: (images) => stage.step(images, ""),
  });
  stage.end();
  const result = resultOf(evaluation, { epoch: meta.epoch, split: dataset.split });
  terminal.print(
    `${file}, trained ${meta.epoch} epochs, on split ${dataset.split} (${result.examples} examples):`,
  );
  terminal.print(scoreLines(result, dataset.classes));
  const full = fullSize?.result(run.trainPixels);
  if (full !== undefined) {
    terminal.print("\nat the masks' own size:");
    terminal.print(scoreLines(full, dataset.classes));
  }
  for (const warning of resultWarnings(run, result)) terminal.warn(warning);
  const spikes = recorder?.statistics();
  if (spikes !== undefined) terminal.print(`\n${spikeLines(spikes)}`);
  const explained = words.explain ? forward.explain() : undefined;
  if (explained !== undefined && explained.length > 0) terminal.print(`\n${explainLines(explained)}`);
  const scores = {
    ...scoreJson(result, dataset.classes),
    ...{ fullSize: full, checkpoint: file, spikes, kernels: explained },
  };
  if (words.picture !== undefined) {
    const indices = chosenExamples(dataset, { ids: config.examples, count: config.pictures });
    const examples = await predictExamples(model, dataset, { indices, input, seed: config.seed });
    await writeFileAtomic(words.picture, await examplePicture(examples, dataset));
    terminal.print(`picture ${words.picture}`);
    const counts = examples.map((example) => countsOf(example, dataset.classes.length));
    terminal.print(`\n${countLines(counts, dataset.classes)}`);
    terminal.result({ ...scores, picture: words.picture, pixels: counts });
    return;
  }
  terminal.result(scores);
}

function spikeRecorder(model: SegmentationModel, file: string): SpikeRecorder {
  if (model instanceof SnnModel) return new SpikeRecorder(model);
  throw new OptionError(`--spikes: expected a spiking network, received the ANN ${file}; leave --spikes out`);
}

/** Pixels per class of a pictured example. */
function countsOf(
  { viewed, prediction }: PredictedExample,
  numClasses: number,
): { id: string } & PixelCounts {
  return { id: viewed.id, ...pixelCounts(viewed.label, prediction, numClasses) };
}

/** A table of predicted and true pixels per example and class. */
function countLines(counts: readonly ({ id: string } & PixelCounts)[], classes: readonly string[]): string {
  const rows = counts.flatMap(({ id, predicted, truth }) => [
    [id, "predicted", ...predicted.map(String)],
    [id, "true", ...truth.map(String)],
  ]);
  return formatTable([["pixels of", "", ...classes], ...rows], { left: 2 });
}

/** How the checkpoint's network is fed; the network itself says how many timesteps it has. */
function parseNoise(word: string): Noise {
  const [, kind, strength] = /^(salt-and-pepper|gaussian|blur)=(\d+\.?\d*|\.\d+)$/.exec(word) ?? [];
  if (kind === undefined) {
    throw new InvalidArgumentError("Expected salt-and-pepper=0.1, gaussian=20 or blur=1.5.");
  }
  return { kind: kind as Noise["kind"], strength: Number(strength) };
}
