/**
 * Gradient attacks: the small change of an image that hurts a network most, found with its own gradient. A spiking
 * network's gradient is its surrogate's; Poisson coding passes it on unchanged (straight through).
 *
 * - FGSM: x + ε·sign(∇L) (Goodfellow et al. 2015, arXiv:1412.6572)
 * - PGD: K steps of α·sign(∇L), each put back into the ε-box around x (Madry et al. 2018, arXiv:1706.06083)
 */

import type { Batch } from "../datasets/index.js";
import {
  add,
  call,
  crossEntropy,
  detach,
  permute,
  scope,
  sub,
  type Tensor,
  tensorFrom,
} from "../engine/index.js";
import { voidLabel } from "../metrics/index.js";
import type { SegmentationModel } from "../models/index.js";
import { encodeInput, type InputOptions, labelTensor } from "../training/index.js";

/** Smallest and largest value of a channel, as normalised black and white. */
export interface ChannelRange {
  readonly low: number;
  readonly high: number;
}

export interface AttackOptions {
  readonly kind: "fgsm" | "pgd";
  /** ε on the scale of 0 … 255. */
  readonly epsilon: number;
  readonly ranges: readonly ChannelRange[];
  readonly input: InputOptions;
  /** Seeds of the examples' Poisson spikes. */
  readonly seedOf: (n: number) => number;
}

/** Steps of PGD, and the size of one as a share of ε. */
const pgdSteps = 7;
const pgdStepShare = 0.25;

/** The batch with attacked images; nothing else changes. The network must be in eval mode; its weights stay. */
export function attackBatch(model: SegmentationModel, batch: Batch, options: AttackOptions): Batch {
  const { kind, epsilon } = options;
  if (epsilon === 0) return batch;
  const [steps, share] = kind === "fgsm" ? [1, 1] : [pgdSteps, pgdStepShare];
  const images = Float32Array.from(batch.images);
  for (let step = 0; step < steps; step++) {
    const gradient = inputGradient(model, { ...batch, images }, options);
    moveUp(images, gradient, { ...options, original: batch, size: share * epsilon });
  }
  return { ...batch, images };
}

/** ∇L with respect to the images, in their layout. */
function inputGradient(
  model: SegmentationModel,
  batch: Batch,
  { input, seedOf }: AttackOptions,
): Float32Array {
  return scope("input gradient", () => {
    const images = tensorFrom(batch.images, batch.shape).setRequiresGrad(true);
    // Adds nothing but the gradient's way from the encoded input back to the images.
    const way = sub(images, detach(images));
    const encoded = encodeInput(batch, input, seedOf);
    const timeFirst = batch.shape.length === 5 ? permute(way, [1, 0, 2, 3, 4]) : way;
    const { logits } = model.forward(add(encoded, onDevice(timeFirst, encoded)));
    crossEntropy(logits, labelTensor(batch, input.device), voidLabel).backward();
    for (const parameter of model.parameters().values()) parameter.clearGrad();
    return images.grad!.toFloat32Array();
  });
}

function onDevice(x: Tensor, like: Tensor): Tensor {
  return like.device === "cpu" ? x : call("aten::to.other", [x, like]);
}

/** images ← images + size·sign(gradient), within ε of the original and within black and white. */
function moveUp(
  images: Float32Array,
  gradient: Float32Array,
  {
    original,
    size,
    epsilon,
    ranges,
  }: {
    readonly original: Batch;
    readonly size: number;
    readonly epsilon: number;
    readonly ranges: readonly ChannelRange[];
  },
): void {
  const [height = 1, width = 1] = original.shape.slice(-2);
  const pixels = height * width;
  for (let i = 0; i < images.length; i++) {
    const { low, high } = ranges[Math.floor(i / pixels) % ranges.length]!;
    const level = (high - low) / 255;
    const from = original.images[i]!;
    const moved = images[i]! + Math.sign(gradient[i]!) * size * level;
    const near = Math.min(from + epsilon * level, Math.max(from - epsilon * level, moved));
    images[i] = Math.min(high, Math.max(low, near));
  }
}
