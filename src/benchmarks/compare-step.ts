/** How far a training step of ours agrees with its twin's. */
import { copyModel, type LayerSpikes, type SegmentationModel } from "../models/index.js";
import { GradientCopy, gradientCosines } from "./gradients.js";
import type { TrainingPair } from "./pairs.js";

export interface StepAgreement {
  /** What ours fired. */
  readonly activity: readonly LayerSpikes[];
  /** Of the losses, relative to the twin's. */
  readonly lossDifference: number;
  /** Of each parameter, to the twin's gradient. */
  readonly gradientCosines: Readonly<Record<string, number>>;
  /** To ours in fp32; none where ours is fp32. */
  readonly precisionCosines: Readonly<Record<string, number>> | undefined;
}

/** One step of ours, the twin and ours in fp32, without an update: how far losses and gradients agree. */
export function compareStep(
  { plain, train }: TrainingPair,
  { model, precision }: { readonly model: SegmentationModel; readonly precision: string },
): StepAgreement {
  using ours = new GradientCopy(model.parameters());
  using twin = new GradientCopy(plain.parameters());
  const [result, expected] = [train(model, ours), train(plain, twin)];
  const cosinesInFp32 = () => {
    using exact = copyModel(model);
    using gradients = new GradientCopy(exact.parameters());
    train(exact, gradients);
    return gradientCosines(ours.gradients, gradients.gradients);
  };
  return {
    activity: result.activity,
    lossDifference: Math.abs(result.loss - expected.loss) / Math.abs(expected.loss),
    gradientCosines: gradientCosines(ours.gradients, twin.gradients),
    precisionCosines: precision === "fp32" ? undefined : cosinesInFp32(),
  };
}
