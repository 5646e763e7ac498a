/** DeepLab and FCN as ordinary networks: convolution, batch norm, (leaky) ReLU. */
import {
  avgPool2d,
  channelsLast,
  hasFusedOperators,
  leakyRelu,
  relu,
  scope,
  type Tensor,
} from "../../engine/index.js";
import { ShapeError } from "../../errors.js";
import {
  BatchNorm2d,
  type Conv2d,
  Module,
  normalizedActivation,
  QuantizedRelu,
  type Upsampler,
} from "../../nn/index.js";
import type { BuildOptions } from "../build-options.js";
import { convolutions } from "../convolutions.js";
import {
  type AnnConfig,
  checkBatchStatistics,
  checkModelConfig,
  companion,
  joinMaps,
  type NetworkPlan,
  type PlannedLayer,
  type PlannedStage,
  planNetwork,
  resizedTo,
  sizeOf,
  walkDecoder,
} from "../plan/index.js";
import type {
  ForwardObserver,
  ForwardOptions,
  ForwardResult,
  SegmentationModel,
} from "../segmentation-model.js";

type Part =
  | {
      readonly kind: "conv";
      readonly name: string;
      readonly conv: Conv2d;
      readonly norm: BatchNorm2d | undefined;
      readonly fires: boolean;
      readonly quantized: QuantizedRelu | undefined;
    }
  | { readonly kind: "fire"; readonly name: string; readonly quantized: QuantizedRelu | undefined }
  | Extract<PlannedLayer, { kind: "pool" | "keep" | "join" }>
  | { readonly kind: "skip"; readonly name: string; readonly conv: Conv2d };

/** An ANN twin: the same convolutions as the SNN, with ReLU instead of spikes. */
export class AnnModel extends Module implements SegmentationModel {
  /** What the network is; complete. */
  readonly config: AnnConfig;
  readonly #plan: NetworkPlan;
  readonly #parts: readonly Part[];
  readonly #output: Conv2d | undefined;
  readonly #upsamplers: ReadonlyMap<PlannedStage, Upsampler>;

  /** @throws OptionError if the config is not one of a network @internal */
  constructor(config: AnnConfig, options: BuildOptions) {
    super();
    checkModelConfig(config);
    this.config = config;
    this.#plan = planNetwork(config);
    const { activationLevels: levels = 0 } = config;
    const { device } = options;
    const conv = convolutions(config, options);
    const learnt = config.norm === "affine" ? { scale: 1 } : undefined;
    const part = (layer: PlannedLayer): Part => {
      if (layer.kind === "pool" || layer.kind === "keep" || layer.kind === "join") return layer;
      const { name } = layer;
      const quantized = () =>
        levels > 0 ? this.child(companion("act", name), new QuantizedRelu({ levels, device })) : undefined;
      if (layer.kind === "fire") return { kind: "fire", name, quantized: quantized() };
      if (layer.kind === "skip") {
        return {
          kind: "skip",
          name,
          conv: this.child(name, conv.scores(name, layer.inputs, { bias: true })),
        };
      }
      return {
        kind: "conv",
        name,
        conv: this.child(name, conv.hidden(layer)),
        norm: config.batchNorm
          ? this.child(companion("bn", name), new BatchNorm2d(layer.outputs, device, learnt))
          : undefined,
        fires: layer.fires,
        quantized: layer.fires ? quantized() : undefined,
      };
    };
    this.#parts = this.build(() => this.#plan.layers.map(part));
    const { output } = this.#plan;
    const bias = config.convBias ?? false;
    this.#output =
      output && this.build(() => this.child(output.name, conv.scores(output.name, output.inputs, { bias })));
    const stages = this.#plan.decoder?.stages ?? [];
    this.#upsamplers = this.build(
      () =>
        new Map(stages.map((stage) => [stage, this.child(stage.upsampler, conv.upsampler(stage.upsampler))])),
    );
  }

  forward(input: Tensor, { observer }: ForwardOptions = {}): ForwardResult {
    if (input.shape.length !== 4 || input.shape[1] !== this.config.inputChannels) {
      throw new ShapeError(
        `forward: expected images [N, ${this.config.inputChannels}, H, W], received [${input.shape}]`,
      );
    }
    if (this.training && this.config.batchNorm) checkBatchStatistics(this.#plan, input);
    return scope("ann forward", () => {
      const scores = new Map<string, Tensor>();
      const kept = new Map<string, Tensor>();
      let x = channelsLast(input);
      for (const part of this.#parts) {
        if ("conv" in part) observer?.input?.(part.name, x);
        if (part.kind === "skip") {
          scores.set(part.name, part.conv.forward(x));
          continue;
        }
        if (part.kind === "keep") {
          kept.set(part.label, x);
          continue;
        }
        const before = x;
        x = scope("layer", () => {
          if (part.kind === "join") return joinMaps(before, kept.get(part.label)!, part);
          if (part.kind === "pool")
            return avgPool2d(before, { kernelSize: 3, stride: part.stride, padding: 1 });
          if (part.kind === "fire") return this.#activate(part, before, observer);
          const y = part.conv.forward(before);
          if (part.fires && this.#activatesAtOnce(part, y, observer)) {
            const active = normalizedActivation(y, part.norm).output;
            observer?.activated?.(part.name, active);
            return active;
          }
          const normalized = part.norm ? part.norm.forward(y) : y;
          return part.fires ? this.#activate(part, normalized, observer) : normalized;
        });
        if (x !== before && ![...kept.values()].includes(before)) before.dispose();
      }
      if (this.#output) observer?.input?.(this.#plan.output!.name, x);
      const logits = this.#output ? this.#output.forward(x) : this.#decode(scores, observer);
      return { logits: resizedTo(logits, sizeOf(input), this.#plan), activity: [] };
    });
  }

  /** Whether norm and ReLU are one operator. */
  #activatesAtOnce(
    { norm, quantized }: Extract<Part, { kind: "conv" }>,
    { device }: Tensor,
    observer: ForwardObserver | undefined,
  ): boolean {
    const isRelu = quantized === undefined && this.config.leakySlope === 0;
    return norm !== undefined && isRelu && hasFusedOperators(device) && observer?.current === undefined;
  }

  #activate(
    { name, quantized }: Extract<Part, { kind: "conv" | "fire" }>,
    x: Tensor,
    observer: ForwardObserver | undefined,
  ): Tensor {
    const { leakySlope } = this.config;
    observer?.current?.(name, x);
    const active = quantized?.forward(x) ?? (leakySlope > 0 ? leakyRelu(x, leakySlope) : relu(x));
    observer?.activated?.(name, active);
    return active;
  }

  #decode(scores: ReadonlyMap<string, Tensor>, observer: ForwardObserver | undefined): Tensor {
    const { deepest, stages } = this.#plan.decoder!;
    return walkDecoder(scores.get(deepest)!, stages, {
      raise: (stage, x) => {
        observer?.input?.(stage.upsampler, x);
        return this.#upsamplers.get(stage)!.forward(x);
      },
      scoresOf: ({ skip }) => scores.get(skip)!,
      pass: ({ name, fires }, sum) => {
        if (fires) observer?.current?.(name, sum);
        return sum;
      },
    });
  }
}
