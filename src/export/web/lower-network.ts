/** From layers to the steps of a web network: what integers stand for goes into the weights that read them. */
import type { NamedArrays } from "../../arrays/index.js";
import { OptionError } from "../../errors.js";
import type { NetworkPlan, PlannedLayer } from "../../models/index.js";
import type { ConvStep, WebMap, WebModel, WebScores, WebStep } from "../../web/index.js";
import { type InputGrid, readsInWholeNumbers, steppedScale, wholeWeights } from "../fixed-point.js";
import type { FoldedConv, FoldedNetwork, SpikingActivation } from "../folded-network.js";
import { roundWeights } from "./round-weights.js";

/** The kernels' highest integer, and how many a window of 3x3 sums up. */
const [mostInteger, windowValues] = [127, 9];

/** Sums of this size leave the kernels' 32 bits. */
const mostSum = 2 ** 31 - 1;

/** A map, and of integers what one of each channel stands for. */
interface Signal {
  readonly map: number;
  readonly channels: number;
  /** Of integers; absent of values. */
  readonly worth?: Float32Array;
  /** The highest of its integers; 0 of values. */
  readonly most: number;
  /** Of an input that comes as whole numbers. */
  readonly grid?: InputGrid | undefined;
  /** Layers whose spikes it consists of. */
  readonly reads: readonly string[];
}

/** What a convolution is but for its weights. */
type ConvSettings = Pick<ConvStep, "name" | "kernelSize" | "stride" | "dilation" | "padding" | "depthwise">;

/** What a convolution reads. */
export type ConvInput = Pick<Signal, "worth" | "reads" | "grid">;

/** A network's steps, and what its convolutions read. */
export interface LoweredNetwork extends Omit<WebModel, "description"> {
  readonly inputs: ReadonlyMap<string, ConvInput>;
}

/**
 * Turns a network into steps for the kernels of a page.
 *
 * @param grid - of the input, for networks that send integers
 * @throws OptionError for a network that they cannot run, and says why
 */
export function lowerNetwork(network: FoldedNetwork, grid: InputGrid): LoweredNetwork {
  checkSupported(network);
  return new Lowering(network).lowered(readsInWholeNumbers(network) ? grid : undefined);
}

function refuse(reason: string): never {
  throw new OptionError(
    `export: expected a network that runs in a page, received one that does not: ${reason}; run it with this library`,
  );
}

function checkSupported({ extraSteps, activations }: FoldedNetwork): void {
  if (extraSteps > 0) refuse("it runs extra timesteps without batch norm (--full-propagation)");
  for (const [name, activation] of activations) {
    if (activation.kind === "relu") continue;
    const { levels = 1, imbalance, amplitude, thresholdShape } = activation;
    if (levels > mostInteger)
      refuse(`${name} sends integers up to ${levels}, the kernels take ${mostInteger}`);
    if (imbalance > 0) refuse(`${name} has a second, negative threshold (--imbalance)`);
    if (amplitude === "threshold" && thresholdShape.length === 3) {
      refuse(`in ${name} every neuron sends an amplitude of its own`);
    }
  }
}

/** Walks once a network. */
class Lowering {
  readonly #network: FoldedNetwork;
  readonly #maps: WebMap[] = [];
  readonly #steps: WebStep[] = [];
  readonly #arrays: NamedArrays = new Map();
  readonly #inputs = new Map<string, ConvInput>();
  readonly #kept = new Map<string, Signal>();
  readonly #scores = new Map<string, Signal>();

  constructor(network: FoldedNetwork) {
    this.#network = network;
  }

  lowered(grid: InputGrid | undefined): LoweredNetwork {
    const { plan } = this.#network;
    let signal = this.#signal({ channels: plan.inputChannels, most: 0, reads: [], grid });
    for (const layer of plan.layers) signal = this.#layer(layer, signal);
    const scores = plan.output ? this.#pointwise(plan.output.name, signal) : this.#decoder(plan);
    const over: WebScores["over"] = plan.output ? "mean" : "sum";
    return {
      ...{ maps: this.#maps, steps: this.#steps, arrays: this.#arrays, inputs: this.#inputs },
      ...(grid && { grid }),
      scores: { map: scores.map, over, alignCorners: plan.alignCorners },
    };
  }

  #layer(layer: PlannedLayer, signal: Signal): Signal {
    const { name } = layer;
    switch (layer.kind) {
      case "conv": {
        const padding = (layer.dilation * (layer.kernelSize - 1)) / 2;
        const sums = this.#conv({ ...layer, padding }, this.#folded(name), signal);
        return layer.fires ? this.#activate(name, sums, name) : this.#affine(name, sums);
      }
      case "fire":
        return this.#activate(name, this.#real(signal), undefined);
      case "pool": {
        // Sums beyond the kernels' integers are pooled as values.
        const from = signal.most * windowValues > mostInteger ? this.#real(signal) : signal;
        const worth = from.worth?.map((a) => a / windowValues);
        const to = this.#signal({ ...from, most: from.most * windowValues, ...(worth && { worth }) });
        this.#steps.push({ kind: "pool", from: from.map, to: to.map, stride: layer.stride });
        return to;
      }
      case "skip":
        this.#scores.set(name, this.#pointwise(name, signal));
        return signal;
      case "keep":
        this.#kept.set(layer.label, signal);
        return signal;
      case "join":
        return this.#join(layer, signal, this.#kept.get(layer.label)!);
    }
  }

  #join({ by, alignCorners }: Extract<PlannedLayer, { kind: "join" }>, below: Signal, kept: Signal): Signal {
    const resized = this.#resized(below, kept, alignCorners);
    if (by === "size") return resized;
    const areIntegers = by === "channels" && resized.worth !== undefined && kept.worth !== undefined;
    const [low, high] = areIntegers ? [resized, kept] : [this.#real(resized), this.#real(kept)];
    const reads = [...new Set([...low.reads, ...high.reads])];
    const step = { from: low.map, other: high.map } as const;
    if (by === "sum") {
      const sum = this.#values(low.channels, reads);
      this.#steps.push({ kind: "add", ...step, to: sum.map });
      return sum;
    }
    const channels = low.channels + high.channels;
    const worth = areIntegers ? { worth: Float32Array.of(...low.worth!, ...high.worth!) } : {};
    const joined = this.#signal({ channels, most: Math.max(low.most, high.most), reads, ...worth });
    this.#steps.push({ kind: "concat", ...step, to: joined.map });
    return joined;
  }

  /** As it is where the two surely have one size: neither lies behind fewer halvings. */
  #resized(signal: Signal, like: Signal, alignCorners: boolean): Signal {
    if (this.#halvings(signal.map) === this.#halvings(like.map)) return signal;
    const from = this.#real(signal);
    const to = this.#values(from.channels, from.reads);
    this.#steps.push({ kind: "resize", from: from.map, to: to.map, like: like.map, alignCorners });
    return to;
  }

  /** By how many strides of 2 a map is smaller than the input; a map that was resized is as its model. */
  #halvings(map: number): number {
    const step = this.#steps.find(({ to }) => to === map);
    if (step === undefined) return 0;
    if (step.kind === "resize") return this.#halvings(step.like);
    return this.#halvings(step.from) + ("stride" in step && step.stride === 2 ? 1 : 0);
  }

  #activate(name: string, sums: Signal, affine: string | undefined): Signal {
    const activation = this.#network.activations.get(name)!;
    const through = { name, affine, from: sums.map } as const;
    if (activation.kind === "relu") {
      const to = this.#values(sums.channels, [name]);
      this.#steps.push({ kind: "relu", ...through, to: to.map, slope: activation.slope });
      return to;
    }
    const { levels = 0, leak, threshold, thresholdShape, reset, initialMembrane } = activation;
    const worth = worthOf(activation, sums.channels);
    const to = this.#signal({ channels: sums.channels, worth, most: Math.max(1, levels), reads: [name] });
    this.#floats(`${name}.threshold`, threshold, thresholdShape);
    this.#steps.push({ kind: "fire", ...through, to: to.map, leak, levels, reset, initialMembrane });
    return to;
  }

  #affine(name: string, sums: Signal): Signal {
    const to = this.#values(sums.channels, []);
    this.#steps.push({ kind: "affine", affine: name, from: sums.map, to: to.map });
    return to;
  }

  /** A 1x1 convolution with its bias. */
  #pointwise(name: string, signal: Signal): Signal {
    const settings = { name, kernelSize: 1, stride: 1, dilation: 1, padding: 0, depthwise: false };
    return this.#affine(name, this.#conv(settings, this.#folded(name), signal));
  }

  /** Integers times their worth. */
  #real(signal: Signal): Signal {
    if (signal.worth === undefined) return signal;
    const name = `map.${signal.map}.worth`;
    this.#floats(name, signal.worth, [signal.channels]);
    const to = this.#values(signal.channels, signal.reads);
    this.#steps.push({ kind: "values", worth: name, from: signal.map, to: to.map });
    return to;
  }

  /** `x ← fire(resize(up(x)) + scores)` for each stage. */
  #decoder({ decoder }: NetworkPlan): Signal {
    let below = this.#scores.get(decoder!.deepest)!;
    for (const { name, upsampler, skip, fires } of decoder!.stages) {
      const raised = this.#transposed(upsampler, this.#real(below));
      const scores = this.#scores.get(skip)!;
      const resized = this.#values(raised.channels, []);
      this.#steps.push({
        kind: "resize",
        from: raised.map,
        to: resized.map,
        like: scores.map,
        alignCorners: true,
      });
      const sum = this.#values(raised.channels, []);
      this.#steps.push({ kind: "add", from: resized.map, other: scores.map, to: sum.map });
      const isActive = fires && this.#network.activations.has(name);
      below = isActive ? this.#activate(name, sum, undefined) : sum;
    }
    return below;
  }

  /** A transposed convolution of stride 2: pixels apart, then its kernel turned. */
  #transposed(name: string, x: Signal): Signal {
    const apart = this.#values(x.channels, x.reads);
    this.#steps.push({ kind: "spread", from: x.map, to: apart.map });
    const { weight, shape } = this.#folded(name);
    const [inputs = 0, outputs = 0, side = 0] = shape;
    const taps = side ** 2;
    const turned = Float32Array.from(weight, (_, at) => {
      const [o, i, tap] = [Math.floor(at / taps / inputs), Math.floor(at / taps) % inputs, at % taps];
      return weight[(i * outputs + o) * taps + taps - 1 - tap]!;
    });
    const settings = { name, kernelSize: side, stride: 1, dilation: 1, padding: side - 1, depthwise: false };
    return this.#conv(
      settings as ConvSettings,
      { weight: turned, shape: [outputs, inputs, side, side] },
      apart,
    );
  }

  /** Sums of a convolution: of integers with weights of 8 bits, of an input on a grid with whole numbers, of values with weights as they are. */
  #conv(settings: ConvSettings, folded: FoldedConv, signal: Signal): Signal {
    const { name, kernelSize, stride, dilation, padding, depthwise } = settings;
    const { weight, shape, scale, shift } = folded;
    const [outputs = 0, inputs = 0] = shape;
    const stepped = (steps: Float32Array) => {
      const rows = steppedScale(folded, steps);
      this.#floats(`${name}.scale`, rows, [rows.length / outputs, outputs]);
    };
    if (signal.grid !== undefined) {
      const { grid } = signal;
      const { whole, steps } = wholeWeights(folded, grid);
      this.#floats(`${name}.weight`, Float32Array.from(whole), shape);
      stepped(steps.map((step) => step * grid.step));
    } else if (signal.worth === undefined) {
      this.#floats(`${name}.weight`, weight, shape);
      if (scale) this.#floats(`${name}.scale`, scale, [scale.length / outputs, outputs]);
    } else {
      const most = mostInteger * signal.most * inputs * kernelSize ** 2;
      if (most > mostSum) refuse(`sums of ${name} may reach ${most}, the kernels hold ${mostSum}`);
      const weighed = timesWorth(folded, signal.worth, depthwise);
      const { integers, step } = roundWeights(weighed, outputs);
      this.#arrays.set(`${name}.weight`, { dtype: "int8", shape, data: integers });
      stepped(step);
    }
    if (shift) this.#floats(`${name}.shift`, shift, [shift.length / outputs, outputs]);
    const to = this.#values(outputs, []);
    this.#inputs.set(name, signal);
    const where = { from: signal.map, to: to.map, most: signal.most } as const;
    this.#steps.push({ kind: "conv", name, kernelSize, stride, dilation, padding, depthwise, ...where });
    return to;
  }

  #folded(name: string): FoldedConv {
    return this.#network.convolutions.get(name)!;
  }

  #values(channels: number, reads: readonly string[]): Signal {
    return this.#signal({ channels, most: 0, reads });
  }

  #signal(signal: Omit<Signal, "map">): Signal {
    const { channels, worth } = signal;
    const map = this.#maps.push({ kind: worth ? "integers" : "values", channels }) - 1;
    return { ...signal, map };
  }

  #floats(name: string, data: Float32Array, shape: readonly number[]): void {
    this.#arrays.set(name, { dtype: "float32", shape, data });
  }
}

/** What an integer of each channel stands for. */
function worthOf({ amplitude, threshold }: SpikingActivation, channels: number): Float32Array {
  const each = new Float32Array(channels);
  if (amplitude !== "threshold") return each.fill(amplitude);
  return each.map((_, c) => threshold[threshold.length === 1 ? 0 : c]!);
}

/** Weights times what they read stands for. */
function timesWorth({ weight, shape }: FoldedConv, worth: Float32Array, depthwise: boolean): Float32Array {
  const [, inputs = 1, side = 1] = shape;
  const taps = side ** 2;
  return weight.map((w, at) => {
    const output = Math.floor(at / taps / inputs);
    return w * worth[depthwise ? output : Math.floor(at / taps) % inputs]!;
  });
}
