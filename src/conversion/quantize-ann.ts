/** An ANN after quantisation to 8 bits, simulated in float32: the baseline that a spiking network has to stand beside. */
import type { NamedArray, Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { type AnnModel, companion, deviceOf, planNetwork } from "../models/index.js";
import { readState } from "../nn/index.js";
import { percentileThresholds } from "./activation-thresholds.js";
import { collectActivations } from "./collect-activations.js";
import { annModel } from "./convert-ann.js";
import { floats, foldBatchNorm } from "./fold-batch-norm.js";

/** Values of an 8-bit weight beside 0, per sign; and of an 8-bit activation. */
const [WEIGHT_LEVELS, ACTIVATION_LEVELS] = [127, 255];

/** The share of a layer's activations that are not clipped. */
const unclipped = 0.9999;

/**
 * The ANN with batch norm folded, weights rounded to 8 bits per output channel and activations to 8 bits per layer:
 *
 *     w' = s·round(w/s),  s = max |w| of the channel / 127
 *     a' = q/255 · ⌊clip(255·a/q, 0, 255) + ½⌋,  q: 99.99 % of the layer's activations lie below
 *
 * Of a network with quantised ReLU the activations stay as they are. Biases and sums are exact, the image too: it has 8 bits
 * anyway.
 *
 * @param ann - read, never written
 * @param batches - images `[N, C, H, W]` from which q is found, on the ANN's device
 * @returns there, in evaluation mode; the caller disposes it
 * @throws OptionError for leaky ReLU; ConversionError if a tensor is not finite, or a layer is never active
 * @example
 * import { createModel, scope } from "snnseg";
 * import { quantizeAnn } from "snnseg/conversion";
 * import { rand } from "snnseg/ops";
 *
 * const ann = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
 * scope("calibrate", () => {
 *   const quantized = quantizeAnn(ann, [rand([2, 3, 16, 16], 1)]);
 *   console.log(quantized.config.activationLevels); // 255
 *   quantized.dispose();
 * });
 * ann.dispose();
 */
export function quantizeAnn(ann: AnnModel, batches: Iterable<Tensor>): AnnModel {
  const { config } = ann;
  if (config.leakySlope > 0) {
    throw new OptionError(
      `quantize: expected an ANN with plain ReLU, received one of slope ${config.leakySlope} below 0; train with --leaky-slope 0`,
    );
  }
  const folded = foldBatchNorm({ config, state: readState(ann) });
  const state = new Map(
    [...folded.state].map(([name, array]) => [
      name,
      name.endsWith(".weight") ? eightBits(name, folded.state) : array,
    ]),
  );
  const { activationLevels = 0 } = config;
  const device = deviceOf(ann);
  if (activationLevels > 0) return annModel({ config: folded.config, state }, device);
  const bounds = percentileThresholds(collectActivations(ann, batches, { perChannel: false }), unclipped);
  for (const { name } of planNetwork(config).layers) {
    const bound = bounds.get(name);
    if (bound === undefined) continue;
    const data = Float32Array.of(bound.data[0]!);
    state.set(`${companion("act", name)}.bound`, { dtype: "float32", shape: [1], data });
  }
  return annModel({ config: { ...folded.config, activationLevels: ACTIVATION_LEVELS }, state }, device);
}

/** Weights `[O, …]` rounded per output channel; those of an upsampler, `[C, C, 3, 3]`, per first axis too. */
function eightBits(name: string, state: ReadonlyMap<string, NamedArray>): NamedArray {
  const data = floats(state, name);
  const { shape } = state.get(name)!;
  const perChannel = data.length / shape[0]!;
  const rounded = new Float32Array(data.length);
  for (let first = 0; first < data.length; first += perChannel) {
    const channel = data.subarray(first, first + perChannel);
    const scale = channel.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / WEIGHT_LEVELS;
    if (scale > 0)
      rounded.set(
        channel.map((w) => scale * Math.round(w / scale)),
        first,
      );
  }
  return { dtype: "float32", shape, data: rounded };
}
