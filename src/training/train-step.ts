/** One step of training: forward, loss, backward, update. */
import type { Batch } from "../datasets/index.js";
import { voidLabel } from "../datasets/index.js";
import { crossEntropy, scope, type Tensor, tensorFrom, toDevice, toDType } from "../engine/index.js";
import type { LayerActivity, SegmentationModel } from "../models/index.js";
import type { Optimizer } from "../nn/index.js";

export type StepResult = {
  /** Mean cross-entropy over the batch's pixels; 0 where all are void. */
  readonly loss: number;
  readonly activity: readonly LayerActivity[];
};

/**
 * Trains on one batch. A loss that is not finite changes nothing: the caller decides what to do about it.
 *
 * @param encode - makes the network's input inside the step's scope
 */
export function trainStep(
  batch: Batch,
  {
    model,
    optimizer,
    encode,
    device,
  }: {
    readonly model: SegmentationModel;
    readonly optimizer: Optimizer;
    readonly encode: () => Tensor;
    readonly device: string;
  },
): StepResult {
  // The mean over no pixels is NaN, and there is nothing to learn from.
  if (batch.labels.every((label) => label === voidLabel)) return { loss: 0, activity: [] };
  return scope("train step", () => {
    const { logits, activity } = model.forward(encode());
    const loss = crossEntropy(logits, labelTensor(batch, device), voidLabel);
    const value = loss.item();
    if (Number.isFinite(value)) {
      loss.backward();
      optimizer.step();
      optimizer.zeroGrad();
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
