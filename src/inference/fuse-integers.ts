/** Compiles a network whose neurons send small integers for integer kernels: weights rounded to 8 bits, batch norm and biases folded. */
import {
  clone,
  concat,
  div,
  expand,
  full,
  keep,
  mul,
  noGrad,
  reshape,
  scope,
  type Tensor,
  zeros,
} from "../engine/index.js";
import { OptionError } from "../errors.js";
import { AnnModel, type ForwardNetwork, type PlannedLayer, planNetwork, SnnModel } from "../models/index.js";
import { checkFiniteState } from "./finite-state.js";
import { foldNorm } from "./folded-norm.js";
import { IntegerNet } from "./integer-net.js";
import { type IntegerNetwork, integersObstacle, type SentIntegers, sentIntegers } from "./integer-neurons.js";
import { packIntegerConv } from "./integer-ops.js";
import type { IntegerLayer, IntegerParts, IntegerStep } from "./integer-parts.js";
import { windowValues } from "./integer-plan.js";

/**
 * Compiles a network in its present state. It computes what evaluation computes but for the rounding of weights, for inputs of any size,
 * and owns its weights: it stays as it is when the network changes or is disposed.
 *
 * @param model - an `SnnModel` of one timestep whose neurons send integers, or an `AnnModel` with `activationLevels`; on the CPU, in
 *   either mode
 * @returns the compiled network, which the caller disposes
 * @throws OptionError if the integer kernels cannot run the network, and says why; or one of its tensors has a value that is not finite
 * @example
 * ```ts
 * import { createModel, fuseIntegers, scope } from "snnseg";
 * import { rand } from "snnseg/ops";
 *
 * const shape = { arch: "dl-vgg9", inputChannels: 3, numClasses: 21, timesteps: 1 } as const;
 * const model = createModel({ kind: "snn", ...shape, neuron: "integer", levels: 4, norm: "affine" });
 * const fused = fuseIntegers(model);
 * scope("example", () => console.log(fused.forward(rand([1, 3, 32, 32], 1)).logits.shape)); // [1, 21, 32, 32]
 * for (const owned of [fused, model]) owned.dispose();
 * ```
 */
export function fuseIntegers(model: ForwardNetwork): IntegerNet {
  const obstacle = integersObstacle(model);
  if (obstacle !== undefined || !(model instanceof SnnModel || model instanceof AnnModel)) {
    refuse(obstacle);
  }
  checkFiniteState("fuseIntegers", model);
  const owned: Tensor[] = [];
  try {
    return scope("fuse integers", () =>
      noGrad(() => new IntegerNet(model.config, new Compiler(model, owned).parts(), owned)),
    );
  } catch (error) {
    for (const each of owned) each.dispose();
    throw error;
  }
}

function refuse(obstacle: string | undefined): never {
  throw new OptionError(
    `fuseIntegers: expected a network for the integer kernels, received one they cannot run: ${obstacle}; use its own forward`,
  );
}

/** A map between layers; of integers, what one of each channel stands for, `[C]`, and the highest. */
type Signal =
  | { readonly kind: "image" | "currents" }
  | { readonly kind: "integers"; readonly worth: Tensor; readonly most: number };
type Integers = Extract<Signal, { kind: "integers" }>;
type Conv = Extract<PlannedLayer, { kind: "conv" }>;

/** Walks once a plan that `integersObstacle` found good. */
class Compiler {
  readonly #model: IntegerNetwork;
  readonly #state: ReadonlyMap<string, Tensor>;
  readonly #owned: Tensor[];
  readonly #steps: IntegerStep[] = [];
  readonly #kept = new Map<string, Signal>();

  /** @param owned - takes in what the parts consist of */
  constructor(model: IntegerNetwork, owned: Tensor[]) {
    this.#model = model;
    this.#state = model.state();
    this.#owned = owned;
  }

  parts(): IntegerParts {
    const plan = planNetwork(this.#model.config);
    let signal: Signal = { kind: "image" };
    for (const layer of plan.layers) signal = this.#layer(layer, signal);
    const { name, inputs } = plan.output!;
    const shape = {
      name,
      inputs,
      outputs: plan.numClasses,
      stride: 1,
      dilation: 1,
      depthwise: false,
    } as const;
    return {
      steps: this.#steps,
      output: this.#integerLayer(shape, integersOf(name, signal), undefined),
      alignCorners: plan.alignCorners,
    };
  }

  #layer(layer: PlannedLayer, signal: Signal): Signal {
    switch (layer.kind) {
      case "conv":
        return signal.kind === "image"
          ? this.#image(layer)
          : this.#conv(layer, integersOf(layer.name, signal));
      case "fire":
        return this.#fire(layer.name, layer.outputs);
      case "pool":
        return this.#pool(layer.stride, integersOf(layer.name, signal));
      case "keep":
        this.#kept.set(layer.label, signal);
        this.#steps.push({ kind: "keep", label: layer.label });
        return signal;
      case "join":
        return this.#join(layer, signal, this.#kept.get(layer.label)!);
      case "skip":
        return signal;
    }
  }

  /** The image's convolution, in float32 with its norm folded. */
  #image({ name, outputs, kernelSize, stride, dilation, fires }: Conv): Signal {
    const { scale, shift } = this.#affine(name, outputs);
    const weight = this.#own(mul(this.#state.get(`${name}.weight`)!, reshape(scale, [-1, 1, 1, 1])));
    const padding = (dilation * (kernelSize - 1)) / 2;
    this.#steps.push({
      kind: "image",
      weight,
      options: { bias: this.#own(shift), stride, dilation, padding },
    });
    return fires ? this.#fire(name, outputs) : { kind: "currents" };
  }

  #conv(layer: Conv, input: Integers): Signal {
    const { name, outputs, fires } = layer;
    const neurons = fires ? sentIntegers(this.#model, name) : undefined;
    const compiled = this.#integerLayer(layer, input, neurons);
    this.#steps.push(
      neurons
        ? { kind: "integers", layer: compiled, levels: neurons.levels }
        : { kind: "currents", layer: compiled },
    );
    return neurons ? sent(neurons, outputs) : { kind: "currents" };
  }

  #fire(name: string, channels: number): Signal {
    const neurons = sentIntegers(this.#model, name);
    const { threshold, levels } = neurons;
    this.#steps.push({ kind: "fire", neurons: { threshold: this.#own(clone(threshold)), levels } });
    return sent(neurons, channels);
  }

  /** Sums of the windows: a depthwise convolution by ones. */
  #pool(stride: number, { worth, most }: Integers): Signal {
    const channels = worth.numel;
    const highest = most * windowValues;
    const step = full([channels], 1);
    const packed = full([windowValues, channels], 1, { dtype: "int8" });
    const weights = { packed: this.#own(packed), step: this.#own(step), kernelSize: 3 };
    const layer = { weights, stride, dilation: 1, scale: step, shift: this.#own(zeros([channels])) };
    this.#steps.push({ kind: "integers", layer, levels: highest });
    return { kind: "integers", worth: div(worth, windowValues), most: highest };
  }

  #join({ name, label, by }: Extract<PlannedLayer, { kind: "join" }>, below: Signal, kept: Signal): Signal {
    if (by === "channels") {
      const [low, high] = [integersOf(name, below), integersOf(name, kept)];
      this.#steps.push({ kind: "concat", label });
      return {
        kind: "integers",
        worth: concat([low.worth, high.worth], 0),
        most: Math.max(low.most, high.most),
      };
    }
    const like = kept.kind === "integers" ? "integers" : "currents";
    this.#steps.push(by === "sum" ? { kind: "add", label } : { kind: "resize", label, like });
    return below;
  }

  /** y = factor·conv(worth·k) + offset, in thresholds where neurons follow. */
  #integerLayer(
    {
      name,
      outputs,
      stride,
      dilation,
      depthwise,
    }: Pick<Conv, "name" | "outputs" | "stride" | "dilation" | "depthwise">,
    { worth }: Integers,
    neurons: SentIntegers | undefined,
  ): IntegerLayer {
    const inputs = reshape(worth, depthwise ? [-1, 1, 1, 1] : [1, -1, 1, 1]);
    const weight = mul(this.#state.get(`${name}.weight`)!, inputs);
    const weights = packIntegerConv(weight, { groups: depthwise ? outputs : 1 });
    const { scale, shift } = this.#affine(name, outputs);
    const factor = mul(scale, weights.step);
    const inThresholds = (x: Tensor) => this.#own(neurons ? div(x, neurons.threshold) : x);
    return {
      weights: { ...weights, packed: this.#own(weights.packed), step: this.#own(weights.step) },
      ...{ stride, dilation, scale: inThresholds(factor), shift: inThresholds(shift) },
    };
  }

  /** Batch norm and bias, `[C]`. */
  #affine(name: string, channels: number): { scale: Tensor; shift: Tensor } {
    const { scale, shift } = foldNorm(this.#state, name);
    return {
      scale: scale ? reshape(scale, [channels]) : full([channels], 1),
      shift: shift ? reshape(shift, [channels]) : zeros([channels]),
    };
  }

  #own(tensor: Tensor): Tensor {
    this.#owned.push(keep(tensor));
    return tensor;
  }
}

function integersOf(name: string, signal: Signal): Integers {
  if (signal.kind !== "integers") refuse(`${name} reads real-valued maps`);
  return signal;
}

function sent({ amplitude, levels }: SentIntegers, channels: number): Integers {
  const worth =
    typeof amplitude === "number" ? full([channels], amplitude) : clone(expand(amplitude, [channels]));
  return { kind: "integers", worth, most: levels };
}
