/**
 * What the plain twins of spiking and ordinary networks share: one pass over the layers by libtorch's own fp32
 * operators, on weights and statistics of their own. They count nothing, so that benchmarks compare with no more than
 * the work itself.
 */
import {
  avgPool2d,
  batchNorm,
  conv2d,
  convTranspose2d,
  type GroupedConvOptions,
  mul,
  noGrad,
  scope,
  select,
  type Tensor,
} from "../../engine/index.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Module } from "../../nn/index.js";
import {
  companion,
  joinMaps,
  type ModelConfig,
  type NetworkPlan,
  planNetwork,
  walkDecoder,
} from "../plan/index.js";
import type { ForwardResult, SegmentationModel } from "../segmentation-model.js";

/** What becomes of a layer's currents. */
export type CurrentStep = (layer: string, current: Tensor) => Tensor;

/** A network that is trained and computed as the model it copies. */
export abstract class PlainNetwork extends Module implements SegmentationModel {
  readonly config: ModelConfig;
  protected readonly plan: NetworkPlan;
  readonly #tensors: ReadonlyMap<string, Tensor>;

  /** @param copy - of a weight or statistic, in memory of its own */
  constructor(model: SegmentationModel, copy: (x: Tensor) => Tensor) {
    super();
    this.config = model.config;
    this.plan = planNetwork(model.config);
    scope("copy", () =>
      noGrad(() => {
        for (const [name, x] of model.parameters()) this.parameter(name, copy(x));
        for (const [name, x] of model.buffers()) this.buffer(name, copy(x));
      }),
    );
    this.#tensors = this.state();
    this.setTraining(model.training);
  }

  abstract forward(input: Tensor): ForwardResult;

  protected tensor(name: string): Tensor {
    return this.#tensors.get(name)!;
  }

  /**
   * All layers once. `x` is freed.
   *
   * @param x - `[N, C, H, W]`
   * @returns scores, `[N, K, h, w]`: of the last map's size, or of the decoder's shallowest skip's
   */
  protected pass(
    x: Tensor,
    {
      normalize,
      activate,
      decoder,
    }: {
      /** Behind every hidden convolution. */
      readonly normalize: CurrentStep;
      /** Where a layer fires. */
      readonly activate: CurrentStep;
      /** The same in the decoder. */
      readonly decoder: CurrentStep;
    },
  ): Tensor {
    const scores = new Map<string, Tensor>();
    const kept = new Map<string, Tensor>();
    for (const layer of this.plan.layers) {
      if (layer.kind === "skip") {
        scores.set(layer.name, this.#conv(x, layer.name));
        continue;
      }
      if (layer.kind === "keep") {
        kept.set(layer.label, x);
        continue;
      }
      const before = x;
      x = scope("layer", () => {
        if (layer.kind === "join") return joinMaps(before, kept.get(layer.label)!, layer);
        if (layer.kind === "pool") {
          return avgPool2d(before, { kernelSize: 3, stride: layer.stride, padding: 1 });
        }
        const { name } = layer;
        if (layer.kind === "fire") return activate(name, before);
        const { kernelSize, dilation, stride, inputs, depthwise } = layer;
        const padding = (dilation * (kernelSize - 1)) / 2;
        const groups = depthwise ? inputs : 1;
        const current = normalize(name, this.#conv(before, name, { dilation, padding, stride, groups }));
        return layer.fires ? activate(name, current) : current;
      });
      if (x !== before && ![...kept.values()].includes(before)) before.dispose();
    }
    const { output, decoder: planned } = this.plan;
    if (output) return this.#conv(x, output.name);
    const { deepest, stages } = planned!;
    return walkDecoder(scores.get(deepest)!, stages, {
      raise: ({ upsampler }, x) => convTranspose2d(x, this.tensor(`${upsampler}.weight`), { stride: 2 }),
      scoresOf: ({ skip }) => scores.get(skip)!,
      pass: (stage, current) => (stage.fires ? decoder(stage.name, current) : current),
    });
  }

  #conv(x: Tensor, name: string, shape: Omit<GroupedConvOptions, "bias"> = {}) {
    return conv2d(x, this.tensor(`${name}.weight`), { bias: this.#tensors.get(`${name}.bias`), ...shape });
  }

  /** Batch norm of a layer's currents, where the network has it; `step` picks a timestep's scales and statistics. */
  protected normalized(layer: string, current: Tensor, step = 0): Tensor {
    if (!this.config.batchNorm) return current;
    const part = (key: string) => {
      const all = this.#tensors.get(`${companion("bn", layer)}.${key}`);
      return all?.shape.length === 2 ? select(all, 0, step) : all;
    };
    const normal = batchNorm(current, {
      weight: part("weight"),
      bias: part("bias"),
      runningMean: part("running_mean")!,
      runningVar: part("running_var")!,
      training: this.training,
      momentum: BATCH_NORM_MOMENTUM,
      eps: BATCH_NORM_EPS,
    });
    const factors = part("p");
    return factors === undefined ? normal : mul(normal, select(factors, 0, step));
  }
}
