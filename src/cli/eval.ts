/** `snnseg eval`: scores of a checkpoint on a split. */
import { type Command, InvalidArgumentError } from "commander";
import { type Config, type ConfigKey, type Layer, resolveConfig } from "../config/index.js";
import type { Noise } from "../datasets/index.js";
import { SpikeRecorder } from "../energy/index.js";
import { OptionError } from "../errors.js";
import { writeFileAtomic } from "../files/index.js";
import { type PixelCounts, pixelCounts } from "../metrics/index.js";
import { createModel, type SegmentationModel, SnnModel } from "../models/index.js";
import { checkpointFile, loadCheckpoint } from "../serialization/index.js";
import {
  type CheckpointMeta,
  chosenExamples,
  computingOf,
  createEvalLoader,
  evaluate,
  type PredictedExample,
  predictExamples,
  restoreWeights,
  resultOf,
  runPath,
  splitsOf,
} from "../training/index.js";
import { addConfigFlags, givenFlags } from "./config-flags.js";
import type { CommandContext } from "./context.js";
import { prepareEngine } from "./environment.js";
import { formatTable } from "./format.js";
import { type ComputePrecision, Forward, precisionOption } from "./precision.js";
import { Progress } from "./progress.js";
import { scoreJson, scoreLines } from "./score-lines.js";
import { spikeLines } from "./spike-lines.js";
import { examplePicture } from "./write-results.js";

const dataFlags = ["root", "classes", "evalList", "mnist", "cifar10", "frameCache"] as const;
const machineFlags = [
  "evalBatchSize",
  "limitBatches",
  "seed",
  "threads",
  "workers",
  "device",
  "cacheMb",
] as const;
const pictureFlags = ["pictures", "examples"] as const;
const flags: readonly ConfigKey[] = [...dataFlags, ...machineFlags, ...pictureFlags];

type Words = {
  readonly split?: string;
  readonly picture?: string;
  readonly last?: true;
  readonly noise?: Noise;
  readonly spikes?: true;
  readonly precision?: ComputePrecision;
};

export function define(command: Command, context: CommandContext): void {
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
    .addOption(precisionOption())
    .option("--spikes", "of a spiking network, also show how often its neurons fire")
    .option("--picture <FILE>", "write input, prediction and truth of examples to a PNG file");
  addConfigFlags(command, flags).action(async (path: string, words: Words) => {
    const file = await checkpointFile(await runPath(path), { prefer: words.last ? "last" : "best" });
    await evaluateCheckpoint(file, { words, given: givenFlags(command, flags), context });
  });
}

async function evaluateCheckpoint(
  file: string,
  {
    words,
    given,
    context,
  }: { readonly words: Words; readonly given: Layer; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const { tensors, meta: json } = await loadCheckpoint(file);
  const meta = json as unknown as CheckpointMeta;
  const { config } = resolveConfig([{ source: "run", where: `${file}: `, values: meta.config }, given]);
  prepareEngine(config);
  await using loader = await createEvalLoader(config, {
    split: words.split ?? splitsOf(config).evaluate,
    noise: words.noise,
  });
  const { dataset, batchCount } = loader;
  checkDataset(meta, dataset, file);
  const { precision } = words;
  if (precision !== undefined && precision !== "fp32" && words.spikes) {
    throw new OptionError(
      `--spikes: expected the network's own forward, received --precision ${precision}; leave one of them out`,
    );
  }
  const computing = precision === undefined ? computingOf(config) : { device: config.device };
  using model = createModel(meta.model, { seed: 0, ...computing });
  restoreWeights(file, model, tensors);
  const total = Math.min(batchCount, config.limitBatches ?? batchCount);
  const progress = new Progress(terminal.human, {
    label: `evaluate ${dataset.split}`,
    total,
    unit: "images",
  });
  using recorder = words.spikes ? spikeRecorder(model, file) : undefined;
  using fast =
    precision === undefined || precision === "fp32" ? undefined : new Forward(model, precision, terminal);
  const evaluation = await evaluate(model, loader, {
    observer: recorder,
    forward: fast && ((frames) => fast.run(frames)),
    input: inputOf(config, meta),
    seed: config.seed,
    batchSize: config.evalBatchSize,
    limitBatches: config.limitBatches,
    trainPixels: meta.trainPixels,
    onBatch: (images) => {
      if (!terminal.quiet) progress.step(images, "");
    },
  });
  if (!terminal.quiet) progress.end();
  const result = resultOf(evaluation, { epoch: meta.epoch, split: dataset.split });
  terminal.print(
    `${file}, trained ${meta.epoch} epochs, on split ${dataset.split} (${result.examples} examples):`,
  );
  terminal.print(scoreLines(result, dataset.classes));
  const spikes = recorder?.statistics();
  if (spikes !== undefined) terminal.print(`\n${spikeLines(spikes)}`);
  const scores = { ...scoreJson(result, dataset.classes), checkpoint: file, spikes };
  if (words.picture !== undefined) {
    const indices = chosenExamples(dataset, { ids: config.examples, count: config.pictures });
    const examples = await predictExamples(model, dataset, {
      indices,
      input: inputOf(config, meta),
      seed: config.seed,
    });
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
function inputOf(
  config: Config,
  { model }: CheckpointMeta,
): Pick<Config, "model" | "encoding" | "timesteps" | "device"> {
  const timesteps = model.kind === "snn" ? model.timesteps : 1;
  return { model: model.kind, encoding: config.encoding, timesteps, device: config.device };
}

function checkDataset(
  { model }: CheckpointMeta,
  dataset: { readonly name: string; readonly channels: number; readonly classes: readonly string[] },
  file: string,
): void {
  const [channels, classes] = [dataset.channels, dataset.classes.length];
  if (channels === model.inputChannels && classes === model.numClasses) return;
  throw new OptionError(
    `eval ${file}: expected a data set of ${model.inputChannels} channels and ${model.numClasses} classes, received ` +
      `${dataset.name} with ${channels} and ${classes}; check --root and --classes`,
  );
}

function parseNoise(word: string): Noise {
  const [, kind, strength] = /^(salt-and-pepper|gaussian|blur)=(\d+\.?\d*|\.\d+)$/.exec(word) ?? [];
  if (kind === undefined) {
    throw new InvalidArgumentError("Expected salt-and-pepper=0.1, gaussian=20 or blur=1.5.");
  }
  return { kind: kind as Noise["kind"], strength: Number(strength) };
}
