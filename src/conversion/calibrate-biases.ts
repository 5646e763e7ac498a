/**
 * Takes out what conversion adds or loses on average: layer by layer, each channel's bias moves by the difference of
 * the ANN's mean activation and what the spikes amount to, while the layers before it are corrected already.
 *
 *     b_l ← b_l + mean(a_l) − ϑ_l · mean(s_l)
 *
 * Li, Deng, Dong, Gong & Gu 2021, "A free lunch from ANN: towards efficient, accurate spiking neural networks
 * calibration", arXiv:2106.06984 (their light pipeline).
 */
import { add, copyInto, noGrad, scope, type Tensor, tensorFrom, toDevice } from "../engine/index.js";
import {
  type AnnModel,
  type ForwardObserver,
  planNetwork,
  runFrames,
  SeenEnough,
  type SnnModel,
  SpikingState,
} from "../models/index.js";
import type { CalibrationBatch } from "./calibration-batch.js";
import { ChannelMeans } from "./channel-means.js";
import { inEvaluation } from "./in-evaluation.js";

/**
 * Corrects the biases of a network with `balanced` weights in place, DeepLab's output included.
 *
 * @param worth - what a spike is worth in the ANN's units, per channel, by layer
 */
export function calibrateBiases(
  snn: SnnModel,
  ann: AnnModel,
  {
    batches,
    worth,
  }: { readonly batches: readonly CalibrationBatch[]; readonly worth: ReadonlyMap<string, Float32Array> },
): void {
  const { layers, output } = planNetwork(snn.config);
  inEvaluation(ann, () =>
    inEvaluation(snn, () => {
      const targets = annMeans(ann, batches, output?.name);
      for (const layer of layers) {
        if (layer.kind !== "conv") continue;
        const value = worth.get(layer.name)!;
        const spikes = spikeMeans(snn, batches, layer.name);
        const target = targets.get(layer.name)!;
        shiftBias(
          snn,
          layer.name,
          target.map((mean, c) => mean - value[c]! * spikes[c]!),
        );
      }
      if (output === undefined) return;
      const expected = linear(ann, output.name, targets.get(output.name)!);
      const received = linear(snn, output.name, inputMeans(snn, batches, output.name));
      shiftBias(
        snn,
        output.name,
        expected.map((mean, k) => mean - received[k]!),
      );
    }),
  );
}

/** Mean per channel of every hidden layer's activations, and of what the output layer reads. */
function annMeans(
  ann: AnnModel,
  batches: readonly CalibrationBatch[],
  output: string | undefined,
): Map<string, Float32Array> {
  const means = new Map<string, ChannelMeans>();
  const collect = (name: string, x: Tensor) => {
    const sums = means.get(name) ?? new ChannelMeans();
    means.set(name, sums);
    sums.add(x);
  };
  const observer: ForwardObserver = {
    activated: collect,
    input: (name, x) => {
      if (name === output) collect(name, x);
    },
  };
  for (const { images } of batches) {
    scope("ann means", () => {
      noGrad(() => ann.forward(images, { observer }));
    });
  }
  return new Map([...means].map(([name, sums]) => [name, sums.means()]));
}

/** Spikes per neuron and timestep of a layer, mean per channel. */
function spikeMeans(snn: SnnModel, batches: readonly CalibrationBatch[], name: string): Float32Array {
  const means = new ChannelMeans();
  const fired: ForwardObserver["fired"] = (layer, { spikes }) => {
    if (layer !== name) return;
    means.add(spikes);
    throw new SeenEnough();
  };
  for (const { frames } of batches) {
    using state = new SpikingState();
    runFrames(snn, frames, { state, timesteps: snn.config.timesteps, observer: { fired } });
  }
  return means.means();
}

/** What reaches a layer with weights, mean per channel. */
function inputMeans(snn: SnnModel, batches: readonly CalibrationBatch[], name: string): Float32Array {
  const means = new ChannelMeans();
  const input: ForwardObserver["input"] = (layer, x) => {
    if (layer === name) means.add(x);
  };
  for (const { frames } of batches) {
    using state = new SpikingState();
    runFrames(snn, frames, { state, timesteps: snn.config.timesteps, observer: { input } });
  }
  return means.means();
}

/** A 1x1 convolution without its bias, of one pixel. */
function linear(model: AnnModel | SnnModel, layer: string, input: Float32Array): Float32Array {
  const weight = model.state().get(`${layer}.weight`)!.toFloat32Array(); // [K, C, 1, 1]
  return Float32Array.from({ length: weight.length / input.length }, (_, k) =>
    input.reduce((sum, x, c) => sum + x * weight[k * input.length + c]!, 0),
  );
}

function shiftBias(snn: SnnModel, layer: string, shift: Float32Array): void {
  const bias = snn.state().get(`${layer}.bias`)!;
  scope("shift bias", () => {
    noGrad(() => copyInto(bias, add(bias, toDevice(tensorFrom(shift, [shift.length]), bias.device))));
  });
}
