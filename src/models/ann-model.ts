/** DeepLab and FCN as ordinary networks: convolution, batch norm, (leaky) ReLU. */
import {
  add,
  avgPool2d,
  channelsLast,
  leakyRelu,
  relu,
  resizeBilinear,
  scope,
  type Tensor,
} from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { BatchNorm2d, type Conv2d, Module, QuantizedRelu, Upsampler } from "../nn/index.js";
import { checkBatchStatistics } from "./batch-statistics.js";
import { checkModelConfig } from "./check-model-config.js";
import { companion, type NetworkPlan, type PlannedLayer, planNetwork } from "./layer-plan.js";
import type { AnnConfig } from "./model-config.js";
import type {
  ForwardObserver,
  ForwardOptions,
  ForwardResult,
  SegmentationModel,
} from "./segmentation-model.js";
import { type BuildOptions, convolutions, layerSeed, sizeOf } from "./shared.js";

type Part =
  | {
      readonly kind: "conv";
      readonly name: string;
      readonly conv: Conv2d;
      readonly norm: BatchNorm2d | undefined;
      readonly quantized: QuantizedRelu | undefined;
    }
  | { readonly kind: "pool"; readonly stride: number }
  | { readonly kind: "skip"; readonly name: string; readonly conv: Conv2d };

/** An ANN twin: the same convolutions as the SNN, with ReLU instead of spikes. */
export class AnnModel extends Module implements SegmentationModel {
  readonly config: AnnConfig;
  readonly #plan: NetworkPlan;
  readonly #parts: readonly Part[];
  readonly #output: Conv2d | undefined;
  readonly #upsamplers: readonly Upsampler[];

  /** @throws OptionError if the config is not one of a network */
  constructor(config: AnnConfig, options: BuildOptions) {
    super();
    checkModelConfig(config);
    this.config = config;
    this.#plan = planNetwork(config);
    const { init, activationLevels: levels = 0 } = config;
    const { device } = options;
    const conv = convolutions(config, options);
    const part = (layer: PlannedLayer): Part => {
      if (layer.kind === "pool") return layer;
      if (layer.kind === "skip") {
        const { name } = layer;
        return {
          kind: "skip",
          name,
          conv: this.child(name, conv.scores(name, layer.inputs, { bias: true })),
        };
      }
      return {
        kind: "conv",
        name: layer.name,
        conv: this.child(layer.name, conv.hidden(layer)),
        norm: config.batchNorm
          ? this.child(companion("bn", layer.name), new BatchNorm2d(layer.outputs, device))
          : undefined,
        quantized:
          levels > 0
            ? this.child(companion("act", layer.name), new QuantizedRelu({ levels, device }))
            : undefined,
      };
    };
    this.#parts = this.build(() => this.#plan.layers.map(part));
    const { output } = this.#plan;
    const bias = config.convBias ?? false;
    this.#output =
      output && this.build(() => this.child(output.name, conv.scores(output.name, output.inputs, { bias })));
    const channels = config.numClasses;
    const upsampler = (stage: number) => {
      const name = `upsample.${stage}.0`;
      return this.child(name, new Upsampler({ channels, init, device, seed: layerSeed(options, name) }));
    };
    this.#upsamplers = this.build(() => (this.#plan.family === "fcn" ? [0, 1, 2] : []).map(upsampler));
  }

  forward(input: Tensor, { observer }: ForwardOptions = {}): ForwardResult {
    if (input.shape.length !== 4 || input.shape[1] !== this.config.inputChannels) {
      throw new ShapeError(
        `forward: expected images [N, ${this.config.inputChannels}, H, W], received [${input.shape}]`,
      );
    }
    if (this.training && this.config.batchNorm) checkBatchStatistics(this.#plan, input);
    return scope("ann forward", () => {
      const scores: Tensor[] = [];
      let x = channelsLast(input);
      for (const part of this.#parts) {
        if (part.kind !== "pool") observer?.input?.(part.name, x);
        if (part.kind === "skip") {
          scores.push(part.conv.forward(x));
          continue;
        }
        const before = x;
        x = scope("layer", () => {
          if (part.kind === "pool")
            return avgPool2d(before, { kernelSize: 3, stride: part.stride, padding: 1 });
          const y = part.conv.forward(before);
          const normalized = part.norm ? part.norm.forward(y) : y;
          observer?.current?.(part.name, normalized);
          const active = part.quantized?.forward(normalized) ?? this.#activate(normalized);
          observer?.activated?.(part.name, active);
          return active;
        });
        before.dispose();
      }
      if (this.#output) observer?.input?.(this.#plan.output!.name, x);
      const logits = this.#output
        ? resizeBilinear(this.#output.forward(x), sizeOf(input))
        : this.#decode(scores, observer);
      return { logits, activity: [] };
    });
  }

  #activate(x: Tensor): Tensor {
    const { leakySlope } = this.config;
    return leakySlope > 0 ? leakyRelu(x, leakySlope) : relu(x);
  }

  /** FCN: from the deepest scores up, adding the next shallower ones at each stage. */
  #decode(scores: Tensor[], observer: ForwardObserver | undefined): Tensor {
    let x = scores.pop()!;
    for (const [stage, upsampler] of this.#upsamplers.entries()) {
      observer?.input?.(`upsample.${stage}.0`, x);
      const skip = scores.pop()!;
      x = add(resizeBilinear(upsampler.forward(x), sizeOf(skip)), skip);
      if (scores.length > 0) observer?.current?.(`upsample.${stage}`, x);
    }
    return x;
  }
}
