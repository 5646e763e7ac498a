/** Computes a folded network from its plain numbers, neuron by neuron, with libtorch's convolutions alone: what exporters are held to. */
import {
  add,
  avgPool2d,
  conv2d,
  convTranspose2d,
  mul,
  reshape,
  type Tensor,
  tensorFrom,
  zeros,
} from "../src/engine/index.js";
import type { FoldedConv, FoldedNetwork, SpikingActivation } from "../src/export/index.js";
import { joinMaps, resizedTo, sizeOf, walkDecoder } from "../src/models/index.js";

/**
 * Scores of images.
 *
 * @param network - of `foldNetwork`
 * @param image - `[N, C, H, W]`, the same at every timestep
 * @returns `[N, K, H, W]`
 */
export function foldedScores(network: FoldedNetwork, image: Tensor): Tensor {
  const { plan, timesteps, extraSteps } = network;
  const membranes = new Map<string, Float32Array>();
  const total = timesteps + extraSteps;
  let sum: Tensor | undefined;
  for (let t = 0; t < total; t++) {
    const frame = t < timesteps ? image : zeros(image.shape);
    const scores = step(network, frame, { t, membranes });
    sum = sum === undefined ? scores : add(sum, scores);
  }
  // A 1x1 output averages over time, a decoder sums up.
  return resizedTo(mul(sum!, plan.output ? 1 / timesteps : 1), sizeOf(image), plan);
}

interface Step {
  readonly t: number;
  readonly membranes: Map<string, Float32Array>;
}

function step(network: FoldedNetwork, frame: Tensor, { t, membranes }: Step): Tensor {
  const { plan, timesteps, convolutions, activations } = network;
  const scores = new Map<string, Tensor>();
  const kept = new Map<string, Tensor>();
  const numbers = (name: string) => convolutions.get(name)!;
  const activate = (name: string, x: Tensor) => {
    const activation = activations.get(name)!;
    const values = x.toFloat32Array();
    if (activation.kind === "relu") {
      return tensorFrom(
        values.map((value) => (value > 0 ? value : activation.slope * value)),
        x.shape,
      );
    }
    const v = membranes.get(name) ?? charged(activation, x.shape);
    membranes.set(name, v);
    return tensorFrom(fire(activation, v, { current: values, shape: x.shape }), x.shape);
  };
  // Steps without input run without batch norm.
  const normalized = (folded: FoldedConv, x: Tensor) => (t < timesteps ? affine(folded, x, t) : x);
  let x = frame;
  for (const layer of plan.layers) {
    const { name } = layer;
    switch (layer.kind) {
      case "skip":
        scores.set(name, biased(numbers(name), convolved(numbers(name), x)));
        break;
      case "keep":
        kept.set(layer.label, x);
        break;
      case "join":
        x = joinMaps(x, kept.get(layer.label)!, layer);
        break;
      case "pool":
        x = avgPool2d(x, { kernelSize: 3, stride: layer.stride, padding: 1 });
        break;
      case "fire":
        x = activate(name, x);
        break;
      case "conv": {
        const current = normalized(numbers(name), convolved(numbers(name), x, layer));
        x = layer.fires ? activate(name, current) : current;
      }
    }
  }
  if (plan.output) return biased(numbers(plan.output.name), convolved(numbers(plan.output.name), x));
  const { deepest, stages } = plan.decoder!;
  return walkDecoder(scores.get(deepest)!, stages, {
    raise: ({ upsampler }, below) => convTranspose2d(below, weightOf(numbers(upsampler)), { stride: 2 }),
    scoresOf: ({ skip }) => scores.get(skip)!,
    pass: ({ name, fires }, current) => (fires && activations.has(name) ? activate(name, current) : current),
  });
}

const weightOf = ({ weight, shape }: FoldedConv) => tensorFrom(weight, shape);

function convolved(
  folded: FoldedConv,
  x: Tensor,
  { dilation = 1, stride = 1, depthwise = false } = {},
): Tensor {
  const [outputs = 1, , kernelSize = 1] = folded.shape;
  const padding = (dilation * (kernelSize - 1)) / 2;
  return conv2d(x, weightOf(folded), { dilation, stride, padding, groups: depthwise ? outputs : 1 });
}

/** `scale[t]·x + shift[t]`, of the only row where there is one. */
function affine({ scale, shift, shape: [channels = 0] }: FoldedConv, x: Tensor, t: number): Tensor {
  const row = (values: Float32Array) => {
    const first = values.length === channels ? 0 : t * channels;
    return reshape(tensorFrom(values.slice(first, first + channels), [channels]), [-1, 1, 1]);
  };
  const scaled = scale ? mul(x, row(scale)) : x;
  return shift ? add(scaled, row(shift)) : scaled;
}

const biased = (folded: FoldedConv, x: Tensor) => affine(folded, x, 0);

function thresholdOf(
  { threshold, thresholdShape }: SpikingActivation,
  [, channels = 1, ...size]: readonly number[],
) {
  const pixels = size.reduce((a, b) => a * b, 1);
  if (thresholdShape.length === 3) return (i: number) => threshold[i % threshold.length]!;
  return (i: number) => threshold[threshold.length === 1 ? 0 : Math.floor(i / pixels) % channels]!;
}

function charged(neurons: SpikingActivation, shape: readonly number[]): Float32Array {
  const thresholds = thresholdOf(neurons, shape);
  const size = shape.reduce((a, b) => a * b, 1);
  return Float32Array.from({ length: size }, (_, i) => neurons.initialMembrane * thresholds(i));
}

/** One timestep; `v` is written. */
function fire(
  neurons: SpikingActivation,
  v: Float32Array,
  { current, shape }: { readonly current: Float32Array; readonly shape: readonly number[] },
): Float32Array {
  const { levels, leak, amplitude, reset, imbalance } = neurons;
  const thresholds = thresholdOf(neurons, shape);
  return current.map((i, n) => {
    const threshold = thresholds(n);
    const u = Math.fround(Math.fround(leak * v[n]!) + i);
    const ratio = Math.fround(u / threshold);
    const k =
      levels === undefined ? Number(ratio > 1) : Math.floor(Math.min(Math.max(ratio, 0), levels) + 0.5);
    v[n] = reset === "hard" ? u * (1 - k) : u - threshold * k;
    if (imbalance > 0 && u < -threshold / imbalance) v[n] += threshold / imbalance;
    return k * (amplitude === "threshold" ? threshold : amplitude);
  });
}
