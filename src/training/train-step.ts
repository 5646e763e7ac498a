/** One step of training: forward, loss, backward, update. */

import type { Batch } from "../datasets/index.js";
import { add, crossEntropy, scope, type Tensor, tensorFrom, toDevice, toDType } from "../engine/index.js";
import { voidLabel } from "../metrics/index.js";
import type { ForwardNetwork, LayerSpikes } from "../models/index.js";
import type { SpikeRatePenalty } from "../neurons/index.js";
import type { MovingAverage, Optimizer } from "../nn/index.js";

export type StepResult = {
  /** The loss, with the penalty where there is one; 0 where all pixels are void. */
  readonly loss: number;
  readonly activity: readonly LayerSpikes[];
};

/**
 * Trains on one batch. A loss that is not finite changes nothing: the caller decides what to do about it.
 *
 * @param lossOf - from scores and labels; mean cross-entropy unless given
 * @param encode - makes the network's input inside the step's scope
 * @param penalty - sees the spikes of the forward pass, and is added to the loss
 * @param average - takes the new weights in
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
    average,
  }: {
    readonly model: ForwardNetwork;
    readonly optimizer: Optimizer;
    readonly lossOf?: (logits: Tensor, labels: Tensor) => Tensor;
    readonly encode: () => Tensor;
    readonly device: string;
    readonly penalty?: SpikeRatePenalty | undefined;
    readonly average?: MovingAverage | undefined;
  },
): StepResult {
  // The mean over no pixels is NaN, and there is nothing to learn from.
  if (batch.labels.every((label) => label === voidLabel)) return { loss: 0, activity: [] };
  return scope("train step", () => {
    const { logits, activity = [] } = model.forward(encode(), { observer: penalty });
    const fit = lossOf(logits, labelTensor(batch, device));
    const extra = penalty?.take();
    const loss = extra === undefined ? fit : add(fit, extra);
    const value = loss.item();
    if (Number.isFinite(value)) {
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
      average?.update();
    }
    return { loss: value, activity };
  });
}

/** A batch's labels `[N, H, W]` as int64, the type that cross-entropy takes. */
export function labelTensor(batch: Batch, device: string): Tensor {
  return scope("labels", () =>
    toDevice(toDType(tensorFrom(batch.labels, batch.labelShape), "int64"), device),
  );
}
