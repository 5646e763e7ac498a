/** The same work done in two ways: ours, and the plain twin's. */
import { type Config, optionOf } from "../config/index.js";
import type { Batch } from "../datasets/index.js";
import { noGrad, scope, type Tensor } from "../engine/index.js";
import { type ComputePrecision, type FusedSnn, fuseSnn } from "../inference/index.js";
import {
  infer,
  type LayerSpikes,
  type NetworkScores,
  plainTwin,
  type SegmentationModel,
  type SnnModel,
  timedInput,
} from "../models/index.js";
import { type Optimizer, Sgd } from "../nn/index.js";
import { type StepResult, trainStep } from "../training/index.js";

export interface Pair extends Disposable {
  readonly twin: () => void;
  /** Tells how the layers fired. */
  readonly ours: () => readonly LayerSpikes[];
}

/** All the work of an update, but the weights stay, so that every round does the same. */
const lr = 0;
const momentum = optionOf("momentum").default as Config["momentum"];
const weightDecay = optionOf("weightDecay").default as Config["weightDecay"];

export interface TrainingPair extends Pair {
  readonly plain: SegmentationModel;
  /** One step of any network on the pair's batch. */
  readonly train: (network: SegmentationModel, optimizer: Optimizer) => StepResult;
}

/** A training step on an encoded batch. */
export function trainingPair(
  { model, batch }: { readonly model: SegmentationModel; readonly batch: Batch },
  input: Tensor,
): TrainingPair {
  model.setTraining(true);
  const plain = plainTwin(model);
  const settings = { lr, momentum, weightDecay };
  const optimizers = {
    ours: new Sgd(model.parameters(), settings),
    twin: new Sgd(plain.parameters(), settings),
  };
  const train = (network: SegmentationModel, optimizer: Optimizer) =>
    trainStep(batch, { model: network, optimizer, encode: () => input, device: input.device });
  return {
    plain,
    train,
    twin: () => void train(plain, optimizers.twin),
    ours: () => train(model, optimizers.ours).activity,
    [Symbol.dispose]() {
      for (const each of [plain, optimizers.ours, optimizers.twin]) each[Symbol.dispose]();
    },
  };
}

export interface InferencePair extends Pair {
  readonly plain: SegmentationModel;
  /** None in `fp32`, which is the network's own forward. */
  readonly fused: FusedSnn | undefined;
  readonly score: (frames: Tensor) => NetworkScores;
}

/** Scores of frames `[T, N, C, H, W]`, or of images. */
export function inferencePair(
  { model, precision }: { readonly model: SnnModel; readonly precision: ComputePrecision },
  frames: Tensor,
): InferencePair {
  model.setTraining(false);
  const [height = 0, width = 0] = frames.shape.slice(-2);
  const plain = plainTwin(model);
  const fused = precision === "fp32" ? undefined : fuseSnn(model, { height, width, precision });
  const score = (input: Tensor) => fused?.forward(input) ?? infer(model, timedInput(model, input));
  return {
    ...{ plain, fused, score },
    twin: () => scope("twin", () => void noGrad(() => plain.forward(frames))),
    ours: () => scope("ours", () => score(frames).activity),
    [Symbol.dispose]() {
      plain.dispose();
      fused?.dispose();
    },
  };
}
