/** Which networks send small integers in one timestep, and the neurons of their layers. */
import { clone, div, type Tensor } from "../engine/index.js";
import {
  AnnModel,
  companion,
  deviceOf,
  type ForwardNetwork,
  neuronOf,
  planNetwork,
  SnnModel,
} from "../models/index.js";
import { sendsIntegers } from "../neurons/index.js";
import type { IntegerNeurons } from "./integer-ops.js";
import { integerPlanObstacle } from "./integer-plan.js";

/** A network that may send integers. */
export type IntegerNetwork = SnnModel | AnnModel;

/** Neurons of a layer and what an integer of theirs stands for. */
export interface SentIntegers extends IntegerNeurons {
  /** ϑ, 1 or 1/D: `[1]` or `[C]`, or a number for all. */
  readonly amplitude: Tensor | number;
}

/** Why a network does not run on integers, as the end of a sentence; `undefined` if it does. @param model - of any kind */
export function integersObstacle(model: ForwardNetwork): string | undefined {
  if (model instanceof AnnModel) {
    const { activationLevels = 0 } = model.config;
    if (activationLevels === 0) return "its ReLUs have no levels (--activation-levels)";
    return planObstacle(model, activationLevels);
  }
  if (!(model instanceof SnnModel)) return "it is neither an SnnModel nor an AnnModel";
  const { config } = model;
  const neuron = neuronOf(config);
  if (!sendsIntegers(neuron)) return `its neurons, ${neuron.name}, send no integers (--neuron integer)`;
  if (config.timesteps !== 1) return `it runs ${config.timesteps} timesteps (--timesteps 1)`;
  if (config.spiking === false) return "its neurons are still ReLUs (--spiking-from)";
  if (config.imbalance > 0) return "its neurons have a negative threshold (--imbalance)";
  if (config.fullPropagation) return "it runs extra timesteps (--full-propagation)";
  if ((config.initialMembrane ?? 0) > 0) return "its membranes do not start from 0 (--initial-membrane)";
  for (const [name, { threshold }] of model.spikingLayers()) {
    if (threshold.shape.length === 3) return `the neurons of ${name} have a threshold each`;
  }
  return planObstacle(model, neuron.levels!);
}

function planObstacle(model: IntegerNetwork, levels: number): string | undefined {
  const obstacle = integerPlanObstacle(planNetwork(model.config), levels);
  if (obstacle !== undefined) return obstacle;
  const device = deviceOf(model);
  return device === "cpu" ? undefined : `it is on ${device}, not on the CPU`;
}

/** The neurons of a layer, with tensors of their own. @param name - of the convolution or `fire` */
export function sentIntegers(model: IntegerNetwork, name: string): SentIntegers {
  if (model instanceof AnnModel) {
    const levels = model.config.activationLevels!;
    const threshold = div(model.state().get(`${companion("act", name)}.bound`)!, levels);
    return { threshold, levels, amplitude: threshold };
  }
  const { amplitude = 1, levels } = neuronOf(model.config);
  const threshold = clone(model.spikingLayers().get(name)!.threshold);
  return { threshold, levels: levels!, amplitude: amplitude === "threshold" ? threshold : amplitude };
}
