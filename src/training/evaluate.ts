/** Scores of a network on a split. */
import { SpikeCounts } from "../activity/index.js";
import type { Batch, Loader } from "../datasets/index.js";
import { batchPart, type RankGroup } from "../distributed/index.js";
import { argmax, crossEntropy, noGrad, scope, type Tensor, toDType } from "../engine/index.js";
import {
  ConfusionMatrix,
  commonestClass,
  constantPredictionScores,
  type Scores,
  scoresOf,
  voidLabel,
} from "../metrics/index.js";
import { type ForwardNetwork, type ForwardObserver, infer } from "../models/index.js";
import { onlyVoid } from "./class-counts.js";
import { type InputOptions, inputOf, timedInputOf } from "./encode-input.js";
import { evaluationSeeds } from "./evaluation-seeds.js";
import { withSpikes } from "./flat-spikes.js";
import type { EvaluationResult } from "./records.js";
import { labelTensor } from "./train-step.js";

/** What a network scores on a split. */
export type Evaluation = {
  /** Over all pixels that are not void. */
  readonly scores: Scores;
  /**
   * Scores of the majority-class baseline on the same pixels: the training split's commonest class everywhere, or these
   * pixels' own where `trainPixels` are not known, which no other constant prediction beats.
   */
  readonly baseline: Scores;
  /** Mean cross-entropy over all pixels that are not void. */
  readonly loss: number;
  /** Counts of true and predicted classes. */
  readonly matrix: ConfusionMatrix;
  /** What spiking layers fired; without layers for an ANN. */
  readonly spikes: SpikeCounts;
  /** Examples scored. */
  readonly examples: number;
};

/** How a network is evaluated, and who looks on. */
export type EvaluateOptions = {
  /** How examples are fed (default: direct coding on the CPU, for the timesteps of the network's config). */
  readonly input?: Partial<InputOptions>;
  /** Of Poisson spikes (default 0). */
  readonly seed?: number;
  /** Pixels per class of the training split, for the baseline (default: those of the truth that is scored). */
  readonly trainPixels?: ArrayLike<number> | undefined;
  /** Batches to score (default all). */
  readonly limitBatches?: number | null | undefined;
  /** Stops the evaluation between two batches by throwing the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** The others that score other parts of each batch; the result is that of all (default: none). */
  readonly ranks?: RankGroup | undefined;
  /** Called after every batch. @param examples - how many it had */
  readonly onBatch?: ((examples: number) => void) | undefined;
  /**
   * Called with every batch.
   *
   * @param batch - as the loader gave it
   * @param predictions - the class of every pixel, `[N, H, W]`
   */
  readonly onPrediction?: ((batch: Batch, predictions: Uint8Array) => void) | undefined;
  /**
   * Called with every batch, before `onPrediction`.
   *
   * @param batch - as the loader gave it
   * @param logits - scores `[N, K, H, W]`, which live until the call returns
   * @param predictions - the class of every pixel, `[N, H, W]`
   */
  readonly onLogits?: ((batch: Batch, logits: Tensor, predictions: Uint8Array) => void) | undefined;
  /** Sees what flows through the network, chunk by chunk. */
  readonly observer?: ForwardObserver | undefined;
};

/** Another rank was asked to stop. */
export class EvaluationStopped extends Error {}

/**
 * Evaluates in eval mode, and puts the model back into the mode it was in.
 *
 * Poisson spikes are drawn from the seed and the example's number alone, so that neither the batch size nor when the
 * evaluation happens changes the scores.
 *
 * @param model - any network with a `forward`
 * @param loader - of the split, in order; stays open
 * @param options - how examples are fed, baseline, and who looks on
 * @throws DataFormatError if every pixel is void; OptionError if Poisson coding is asked for of an ANN
 * @example
 * import { createLoader, createModel, defineDataset, evaluate } from "snnseg";
 *
 * const read = () => ({ image: new Uint8Array(3 * 64).fill(200), label: new Uint8Array(64) });
 * const dataset = defineDataset({ classes: ["ground", "cell"], size: [8, 8], length: 4, read });
 * const loader = await createLoader(dataset, { batchSize: 2 });
 * const model = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
 * const { scores, loss } = await evaluate(model, loader);
 * console.log(scores.pixelAccuracy, loss);
 * model.dispose();
 * await loader.close();
 */
export async function evaluate(
  model: ForwardNetwork,
  loader: Loader,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  const { seed = 0, trainPixels, limitBatches, ranks, onBatch, onPrediction, onLogits, observer } = options;
  const input = inputOf(model, options.input);
  const matrix = new ConfusionMatrix(loader.dataset.classes.length);
  let spikes = new SpikeCounts();
  const total = { loss: 0, pixels: 0, examples: 0 };
  const part = ranks === undefined ? {} : { part: (count: number) => batchPart(count, ranks) };
  const wasTraining = model.training;
  model.setTraining?.(false);
  try {
    let index = 0;
    for await (const batch of loader.batches(0, part)) {
      if (limitBatches != null && index >= limitBatches) break;
      stopIfAsked(options);
      const { first, whole } = placeOf(batch, { loader, index, ranks, examples: total.examples });
      index += 1;
      if (batch.ids.length === 0) {
        onBatch?.(whole);
        continue;
      }
      const seedOf = evaluationSeeds(seed, first);
      const result = evaluateBatch(model, batch, { input, seedOf, onLogits, observer });
      const pixels = batch.labels.reduce((count, label) => count + (label === voidLabel ? 0 : 1), 0);
      if (pixels > 0) total.loss += result.loss * pixels;
      total.pixels += pixels;
      total.examples += batch.ids.length;
      matrix.add(batch.labels, result.predictions);
      spikes.add(result.activity, batch.ids.length);
      onPrediction?.(batch, result.predictions);
      onBatch?.(whole);
    }
    if (ranks !== undefined) spikes = addOverRanks(ranks, { total, matrix, spikes });
  } finally {
    if (wasTraining !== undefined) model.setTraining?.(wasTraining);
  }
  if (total.examples > 0 && total.pixels === 0) throw onlyVoid(loader.dataset);
  return {
    scores: scoresOf(matrix),
    baseline: constantPredictionScores(
      matrix.truePixels(),
      commonestClass(trainPixels ?? matrix.truePixels()),
    ),
    loss: total.pixels > 0 ? total.loss / total.pixels : 0,
    matrix,
    spikes,
    examples: total.examples,
  };
}

/** The number of a batch's first example in the split, and how many all ranks have of the batch. */
function placeOf(
  batch: Batch,
  {
    loader,
    index,
    ranks,
    examples,
  }: {
    readonly loader: Loader;
    readonly index: number;
    readonly ranks: RankGroup | undefined;
    readonly examples: number;
  },
): { readonly first: number; readonly whole: number } {
  if (ranks === undefined) return { first: examples, whole: batch.ids.length };
  const begin = index * loader.batchSize;
  const whole = Math.min(loader.batchSize, loader.dataset.length - begin);
  return { first: begin + batchPart(whole, ranks)[0], whole };
}

/** @throws the signal's reason, or EvaluationStopped where the signal of another rank asks to stop */
function stopIfAsked({ signal, ranks }: EvaluateOptions): void {
  const asked = signal?.aborted ?? false;
  if (!(ranks?.any(asked) ?? asked)) return;
  signal?.throwIfAborted();
  throw new EvaluationStopped();
}

/** Replaces counts by the sums of all ranks'; gives those of spikes. */
function addOverRanks(
  ranks: RankGroup,
  {
    total,
    matrix,
    spikes,
  }: {
    readonly total: { loss: number; pixels: number; examples: number };
    readonly matrix: ConfusionMatrix;
    readonly spikes: SpikeCounts;
  },
): SpikeCounts {
  const sums = ranks.sum([total.loss, total.pixels, total.examples, ...matrix.counts]);
  [total.loss, total.pixels, total.examples] = sums as [number, number, number];
  matrix.counts.set(sums.slice(3));
  // A rank without an example does not know the layers; rank 0 has one if any has.
  const layers = ranks.fromFirst(spikes.layers());
  const own = new Map(spikes.layers().map((layer) => [layer.name, layer.spikes]));
  const counts = ranks.sum(layers.flatMap(({ name, spikes }) => own.get(name) ?? spikes.map(() => 0)));
  return SpikeCounts.from({ examples: total.examples, layers: withSpikes(layers, counts) });
}

function evaluateBatch(
  model: ForwardNetwork,
  batch: Batch,
  {
    input,
    seedOf,
    onLogits,
    observer,
  }: Pick<EvaluateOptions, "onLogits" | "observer"> & {
    readonly input: InputOptions;
    readonly seedOf: (n: number) => number;
  },
) {
  return scope("evaluate batch", () =>
    noGrad(() => {
      const { logits, activity } = infer(model, timedInputOf(batch, input, seedOf), { observer });
      const predictions = toDType(argmax(logits, 1), "uint8").toArray() as Uint8Array;
      onLogits?.(batch, logits, predictions);
      const loss = crossEntropy(logits, labelTensor(batch, input.device), voidLabel).item();
      return { loss, activity, predictions };
    }),
  );
}

/** An evaluation as runs record it. */
export function resultOf(
  { scores, baseline, loss, matrix, spikes, examples }: Evaluation,
  { epoch, split }: { readonly epoch: number; readonly split: string },
): EvaluationResult {
  return {
    epoch,
    split,
    examples,
    loss,
    ...scores,
    baselineMeanIoU: baseline.meanIoU,
    baselinePixelAccuracy: baseline.pixelAccuracy,
    rates: spikes.perExample(),
    silentLayers: spikes.silentLayers(),
    constantClass: constantClass(matrix),
  };
}

function constantClass(matrix: ConfusionMatrix): number | null {
  const present = (pixels: Float64Array) => [...pixels.keys()].filter((id) => pixels[id]! > 0);
  const [predicted, truth] = [present(matrix.predictedPixels()), present(matrix.truePixels())];
  return predicted.length === 1 && truth.length > 1 ? predicted[0]! : null;
}
