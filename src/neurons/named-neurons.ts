/** The neurons that have a name: plain data in a config, and in checkpoints. */
import { checkOneOf, refuse } from "../checks/index.js";
import { add, mul, scope, sigmoid, sub } from "../engine/index.js";
import { lif, type Neuron, type NeuronParameters } from "./neuron.js";

/**
 * A neuron by its name, with r = u/ϑ:
 *
 *     lif       u = λ·v + i            k = [r > 1]                  s = k
 *     plif      u = (1 − σ(w))·v + i   k = [r > 1]                  s = k       w is learnt, a number a layer
 *     integer   u = λ·v + i            k = ⌊clip(r, 0, D) + ½⌋      s = ϑ·k
 *     i-lif     u = λ·v + i            k = ⌊clip(r, 0, D) + ½⌋      s = k
 *     ni-lif    u = λ·v + i            k = ⌊clip(r, 0, D) + ½⌋      s = k/D
 *
 * An integer k is k spikes: in energy, rates and on hardware, where D slots of 0 and 1 send it. At T = 1 `integer` is a ReLU of
 * D + 1 levels, so that a network can be trained with ReLU first.
 *
 * @see Fang et al. 2021, arXiv:2007.05785 (PLIF); Luo et al. 2024, arXiv:2407.20708 (I-LIF); Lei et al. 2024, arXiv:2412.14587
 *   (NI-LIF)
 */
export type NeuronName = "lif" | "plif" | "integer" | "i-lif" | "ni-lif";

/** What a name needs beside itself. */
export interface NamedNeuronSettings {
  /** λ in (0, 1]; PLIF begins with it. */
  readonly leak: number;
  /** D of the neurons that send integers. */
  readonly levels: number;
}

const integers = (name: string, levels: number, amplitude: NonNullable<Neuron["amplitude"]>): Neuron => ({
  ...{ name, levels, amplitude, charge: lif.charge },
});

const plifLeak = ({ w }: NeuronParameters["learnt"]) => scope("leak", () => sub(1, sigmoid(w!)));

const named: Readonly<Record<NeuronName, (settings: NamedNeuronSettings) => Neuron>> = {
  lif: () => lif,
  plif: ({ leak }) => ({
    name: "PLIF",
    charge: (v, current, { learnt }) => add(mul(v, plifLeak(learnt)), current),
    learntLeak: plifLeak,
    learnt: { w: Math.log((1 - leak) / leak) },
  }),
  integer: ({ levels }) => integers("integer", levels, "threshold"),
  "i-lif": ({ levels }) => integers("I-LIF", levels, 1),
  "ni-lif": ({ levels }) => integers("NI-LIF", levels, 1 / levels),
};

/** The names that there are. */
export const neuronNames = Object.keys(named) as NeuronName[];

/** The names of neurons that send integers. */
export const integerNeurons = ["integer", "i-lif", "ni-lif"] as const satisfies readonly NeuronName[];

/** Whether a neuron is one by its name that sends integers. @param neuron - a name, or one of your own, which is none */
export function isIntegerNeuron(neuron: unknown): boolean {
  return integerNeurons.some((name) => name === neuron);
}

/**
 * The neuron behind a name.
 *
 * @param name - one of {@link neuronNames}
 * @param settings - what it needs beside its name
 * @throws OptionError for an unknown name, or PLIF that would begin without a leak
 */
export function namedNeuron(name: NeuronName, settings: NamedNeuronSettings): Neuron {
  checkOneOf("neuron", "name", name, neuronNames);
  if (name === "plif" && settings.leak >= 1)
    refuse("neuron plif", "leak", "below 1 to begin with", settings.leak);
  return named[name](settings);
}

/** Whether a neuron sends integers and is otherwise LIF, so that `integerSequence` computes it. @param neuron - checked */
export function sendsIntegers({ levels, charge, fire, reset, learnt }: Neuron): boolean {
  return levels !== undefined && charge === lif.charge && !fire && !reset && !learnt;
}
