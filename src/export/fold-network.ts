/** From a network to plain data: batch norm folded, thresholds and weights copied out of libtorch. */
import { noGrad, scope, sqrt, sub, type Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { checkFiniteState, foldNorm } from "../inference/index.js";
import {
  AnnModel,
  companion,
  firingLayers,
  type NetworkPlan,
  neuronOf,
  planNetwork,
  type SegmentationModel,
  SnnModel,
} from "../models/index.js";
import { lif, type Neuron, sendsIntegers } from "../neurons/index.js";
import type { ConvStatistics, FoldedActivation, FoldedConv, FoldedNetwork } from "./folded-network.js";

/**
 * A network in its present state as plain data: it stays as it is when the network changes or is disposed.
 *
 * @param model - in either mode, on any device; read, never written
 * @throws OptionError for neurons of one's own, whose functions no file can hold, or a tensor with a value that is not finite
 * @example
 * ```ts
 * import { createModel } from "snnseg";
 * import { foldNetwork } from "snnseg/export";
 *
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 21, timesteps: 4 });
 * const { convolutions } = foldNetwork(model);
 * console.log(convolutions.get("features.0")?.scale?.length); // a factor for each of 4 timesteps and 64 channels: 256
 * model.dispose();
 * ```
 */
export function foldNetwork(model: SegmentationModel): FoldedNetwork {
  const plan = planNetwork(model.config);
  checkFiniteState("export", model);
  // The decoder of an ANN only adds up.
  const stages = model instanceof SnnModel ? (plan.decoder?.stages ?? []) : [];
  const active = [...firingLayers(plan), ...stages.filter(({ fires }) => fires)];
  const activationOf = activations(model);
  return scope("fold network", () =>
    noGrad(() => ({
      plan,
      kind: model.config.kind,
      timesteps: model.config.kind === "snn" ? model.config.timesteps : 1,
      extraSteps: model instanceof SnnModel ? model.extraSteps : 0,
      convolutions: new Map(
        convolutionNames(plan).map((name) => [name, foldConv(model.state(), name)] as const),
      ),
      activations: new Map(active.map(({ name }) => [name, activationOf(name)] as const)),
    })),
  );
}

/** Everything with weights, from the input on. */
function convolutionNames({ layers, output, decoder }: NetworkPlan): string[] {
  return [
    ...layers.flatMap(({ kind, name }) => (kind === "conv" || kind === "skip" ? [name] : [])),
    ...(output ? [output.name] : []),
    ...(decoder?.stages ?? []).map(({ upsampler }) => upsampler),
  ];
}

function foldConv(state: ReadonlyMap<string, Tensor>, name: string): FoldedConv {
  const weight = state.get(`${name}.weight`)!;
  const { scale, shift } = foldNorm(state, name);
  const statistics = convStatistics(state, name);
  return {
    weight: weight.toFloat32Array(),
    shape: weight.shape,
    ...(scale && { scale: scale.toFloat32Array() }),
    ...(shift && { shift: shift.toFloat32Array() }),
    ...(statistics && { statistics }),
  };
}

function convStatistics(state: ReadonlyMap<string, Tensor>, name: string): ConvStatistics | undefined {
  const variance = state.get(`${companion("bn", name)}.running_var`);
  if (variance === undefined) return undefined;
  const mean = state.get(`${companion("bn", name)}.running_mean`)!;
  const bias = state.get(`${name}.bias`);
  return {
    mean: (bias ? sub(mean, bias) : mean).toFloat32Array(),
    deviation: sqrt(variance).toFloat32Array(),
  };
}

/** What the layers of a network pass their currents through. */
function activations(model: SegmentationModel): (layer: string) => FoldedActivation {
  if (model instanceof AnnModel) {
    const { leakySlope, activationLevels: levels = 0 } = model.config;
    const state = model.state();
    if (levels === 0) return () => ({ kind: "relu", slope: leakySlope });
    return (layer) => {
      // h(x) of QCFS is what such neurons send in one timestep.
      const bound = state.get(`${companion("act", layer)}.bound`)!.toFloat32Array();
      return {
        ...{ kind: "spiking", levels, leak: 1, threshold: bound.map((x) => x / levels), thresholdShape: [1] },
        ...{ amplitude: "threshold", reset: "soft", imbalance: 0, initialMembrane: 0 },
      };
    };
  }
  if (!(model instanceof SnnModel)) {
    throw new OptionError(
      "export: expected an SnnModel or AnnModel, received another; export the network itself",
    );
  }
  const { config } = model;
  if (config.spiking === false) return () => ({ kind: "relu", slope: 0 });
  const neuron = neuronOf(config);
  checkKnown(neuron);
  const { amplitude = 1, learnt = {}, learntLeak } = neuron;
  const layers = model.spikingLayers();
  const leakOf = (layer: string) => {
    const numbers = layers.get(layer)!.state();
    const own = Object.fromEntries(Object.keys(learnt).map((name) => [name, numbers.get(name)!]));
    return learntLeak === undefined ? config.leak : learntLeak(own).item();
  };
  return (layer) => {
    const { threshold } = layers.get(layer)!;
    return {
      ...{ kind: "spiking", leak: leakOf(layer), amplitude },
      ...(neuron.levels === undefined ? {} : { levels: neuron.levels }),
      ...{ threshold: threshold.toFloat32Array(), thresholdShape: threshold.shape },
      ...{ reset: config.reset, imbalance: config.imbalance, initialMembrane: config.initialMembrane ?? 0 },
    };
  };
}

/** @throws OptionError for a neuron whose functions are in the code alone */
function checkKnown(neuron: Neuron): void {
  const { name, learntLeak, levels, fire, reset } = neuron;
  const isLif = neuron === lif || (learntLeak !== undefined && !(levels ?? fire ?? reset));
  if (isLif || sendsIntegers(neuron)) return;
  throw new OptionError(
    `export: expected neurons that --neuron names, received ${name}, whose functions no file can hold; run it with this library`,
  );
}
