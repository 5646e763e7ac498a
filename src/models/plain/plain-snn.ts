/** The plain twin of a spiking network: one timestep after another, layer by layer, as the reference code computes. */
import { add, clone, keep, mul, reshape, scope, select, type Tensor, zerosLike } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { neuronStep } from "../../neurons/index.js";
import { companion, neuronOf, resizedTo, type SnnConfig, sizeOf } from "../plan/index.js";
import type { ForwardResult } from "../segmentation-model.js";
import type { SnnModel } from "../snn/index.js";
import { PlainNetwork } from "./plain-network.js";

/** What neurons of one layer carry along. */
class Membranes implements Disposable {
  readonly #all = new Map<string, Tensor>();

  get(name: string): Tensor | undefined {
    return this.#all.get(name);
  }

  set(name: string, v: Tensor): void {
    this.#all.get(name)?.dispose();
    this.#all.set(name, keep(v));
  }

  [Symbol.dispose](): void {
    for (const tensor of this.#all.values()) tensor.dispose();
  }
}

/** Copies a network's present weights, statistics and thresholds. */
export class PlainSnn extends PlainNetwork {
  declare readonly config: SnnConfig;

  /** @throws OptionError if the network has what the twin leaves out */
  constructor(model: SnnModel) {
    const { imbalance, fullPropagation, initialMembrane = 0 } = model.config;
    if (imbalance > 0 || fullPropagation || initialMembrane > 0) {
      throw new OptionError(
        "plain twin: expected a network of which there is a plain twin, received one with negative thresholds, extra " +
          "timesteps or charged membranes; take a run without them",
      );
    }
    super(model, clone);
  }

  /** @param input - frames `[T, N, C, H, W]`, or images `[N, C, H, W]` that are the same at every timestep */
  forward(input: Tensor): ForwardResult {
    return scope("plain snn", () => {
      const constant = input.shape.length === 4;
      const steps = constant ? this.config.timesteps : input.shape[0]!;
      using membranes = new Membranes();
      for (let t = 0; t < steps; t++) {
        scope("timestep", () => {
          const frame = constant ? reshape(input, input.shape) : select(input, 0, t);
          const scores = this.pass(frame, {
            normalize: (name, current) => this.normalized(name, current, t),
            activate: (name, current) => this.#fire(membranes, name, current),
            decoder: (name, current) => this.#fire(membranes, name, current),
          });
          const sum = membranes.get("output");
          membranes.set("output", sum ? add(sum, scores) : scores);
        });
      }
      const sum = membranes.get("output")!;
      // The 1x1 output averages over time, the decoder sums up.
      const scores = mul(sum, this.plan.output ? 1 / steps : 1);
      return { logits: resizedTo(scores, sizeOf(input), this.plan), activity: [] };
    });
  }

  #fire(membranes: Membranes, name: string, current: Tensor): Tensor {
    const layer = companion("lif", name);
    const { leak, reset, surrogate, imbalance } = this.config;
    const neuron = neuronOf(this.config);
    const stored = this.tensor(`${layer}.threshold`);
    const threshold = stored.shape.length === 3 ? stored : reshape(stored, [-1, 1, 1]);
    const names = Object.keys(neuron.learnt ?? {});
    const learnt = Object.fromEntries(names.map((key) => [key, this.tensor(`${layer}.${key}`)]));
    const v = membranes.get(name) ?? zerosLike(current);
    const parameters = { leak, reset, surrogate, imbalance, threshold, learnt };
    const step = neuronStep(neuron, v, { current, parameters });
    membranes.set(name, step.v);
    return step.spikes;
  }
}
