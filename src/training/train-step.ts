/** One step of training: forward, loss, backward, update. */

import type { Batch } from "../datasets/index.js";
import {
  add,
  crossEntropy,
  mul,
  scope,
  sum,
  type Tensor,
  tensorFrom,
  toDevice,
  toDType,
} from "../engine/index.js";
import { OptionError } from "../errors.js";
import { voidLabel } from "../metrics/index.js";
import type { ForwardNetwork, LayerSpikes } from "../models/index.js";
import type { SpikeRatePenalty } from "../neurons/index.js";
import { type MovingAverage, type Optimizer, perStepLoss } from "../nn/index.js";
import type { AuxiliaryHead } from "./auxiliary-head.js";
import { type StepRanks, sumOfRanks } from "./step-ranks.js";

/** What a step of training tells. */
export type StepResult = {
  /** The loss, with penalty and auxiliary loss where there are any; 0 where all pixels are void. */
  readonly loss: number;
  /** What spiking layers fired; empty for an ANN, and where all pixels are void. */
  readonly activity: readonly LayerSpikes[];
  /** Whether there was something to learn from: false where all pixels are void, which counts in no mean. */
  readonly learnt: boolean;
};

/** Of a batch that is void. */
export const nothingLearnt: StepResult = { loss: 0, activity: [], learnt: false };

/**
 * Trains on one batch. A loss that is not finite changes nothing: the caller decides what to do about it.
 *
 * @param batch - its labels `[N, H, W]`, 255 for void
 * @param parts - what works together in the step; all of it on `device`
 * @example
 * import { createLoader, createModel, defineDataset, encodeInput, trainStep } from "snnseg";
 * import { Adam } from "snnseg/nn";
 *
 * const read = () => ({ image: new Uint8Array(3 * 64).fill(200), label: new Uint8Array(64) });
 * const dataset = defineDataset({ classes: ["ground", "cell"], size: [8, 8], length: 4, read });
 * const loader = await createLoader(dataset, { batchSize: 2, shuffle: true });
 * const input = { model: "snn", encoding: "direct", timesteps: 2, device: "cpu" } as const;
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 2, timesteps: 2 });
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
 * for await (const batch of loader.batches(0)) {
 *   const encode = () => encodeInput(batch, input, () => 0);
 *   console.log(trainStep(batch, { model, optimizer, encode, device: "cpu" }).loss);
 * }
 * for (const owner of [optimizer, model]) owner[Symbol.dispose]();
 * await loader.close();
 */
export function trainStep(
  batch: Batch,
  {
    model,
    optimizer,
    lossOf = (logits, labels) => crossEntropy(logits, labels, voidLabel),
    encode,
    device,
    penalty,
    auxiliary,
    average,
    clipGradient = null,
    lossPerStep = null,
    ranks,
  }: {
    /** In training mode. */
    readonly model: ForwardNetwork;
    /** Of the model's parameters. */
    readonly optimizer: Optimizer;
    /** From scores `[N, K, H, W]` and labels `[N, H, W]` int64 to a scalar (default: mean cross-entropy). */
    readonly lossOf?: (logits: Tensor, labels: Tensor) => Tensor;
    /** Makes the network's input inside the step's scope. */
    readonly encode: () => Tensor;
    /** Where the labels go: `cpu`, `cuda`, `cuda:1` … */
    readonly device: string;
    /** Sees the spikes of the forward pass, and is added to the loss (default: none). */
    readonly penalty?: SpikeRatePenalty | undefined;
    /** Sees a layer of the forward pass, and its loss is added (default: none). Its weights are the optimizer's, too. */
    readonly auxiliary?: AuxiliaryHead | undefined;
    /** Takes the new weights in (default: none). */
    readonly average?: MovingAverage | undefined;
    /** Largest joint norm of the gradients, as `optimizer.clipGradients` (default `null`: any). */
    readonly clipGradient?: number | null;
    /** λ of `perStepLoss`, which then takes `lossOf` for every timestep (default `null`: of the sum alone). */
    readonly lossPerStep?: number | null;
    /** The others that train on parts of the same batch, which is not void on all of them (default: none). */
    readonly ranks?: StepRanks | undefined;
  },
): StepResult {
  // The mean over no pixels is NaN, and there is nothing to learn from.
  const isVoid = batch.labels.every((label) => label === voidLabel);
  if (isVoid && ranks === undefined) return nothingLearnt;
  return scope("train step", () => {
    const eachStep = lossPerStep !== null;
    const observer = { ...(penalty && { rate: penalty.rate }), ...(auxiliary && { input: auxiliary.input }) };
    const { logits, stepLogits, activity = [] } = model.forward(encode(), { observer, eachStep });
    const labels = labelTensor(batch, device);
    const fit = eachStep
      ? perStepLoss(checkedSteps(stepLogits), labels, { lossOf, weight: lossPerStep })
      : lossOf(logits, labels);
    const extra = [penalty?.take(), auxiliary?.take(labels, lossOf)].filter((term) => term !== undefined);
    const own = extra.reduce((total, term) => add(total, term), fit);
    // A part that is void has no loss, yet goes through backward, where the others wait for its norms.
    const loss = ranks === undefined ? own : isVoid ? mul(sum(logits), 0) : mul(own, ranks.share);
    const told = { loss: loss.item(), activity };
    const result = ranks === undefined ? told : sumOfRanks(ranks, told);
    if (Number.isFinite(result.loss)) {
      loss.backward();
      ranks?.group.finishGradients();
      ranks?.group.average(ranks.statistics);
      if (clipGradient !== null) optimizer.clipGradients(clipGradient);
      optimizer.step();
      optimizer.zeroGrad();
      average?.update();
    }
    return { ...result, learnt: true };
  });
}

function checkedSteps(stepLogits: Tensor | undefined): Tensor {
  if (stepLogits !== undefined) return stepLogits;
  throw new OptionError(
    "trainStep: expected a network that gives scores of each timestep, received none; leave lossPerStep out",
  );
}

/**
 * A batch's labels `[N, H, W]` as int64, the type that cross-entropy takes.
 *
 * @param batch - of which only `labels` and `labelShape` are read
 * @param device - where the tensor is made
 */
export function labelTensor(batch: Pick<Batch, "labels" | "labelShape">, device: string): Tensor {
  return scope("labels", () =>
    // Bytes travel, not the eight times as many of int64.
    toDType(toDevice(tensorFrom(batch.labels, batch.labelShape), device), "int64"),
  );
}
