/**
 * What the plain twins of spiking and ordinary networks share: one pass over the layers by libtorch's own fp32
 * operators, on weights and statistics of their own. They count nothing, so that benchmarks compare with no more than
 * the work itself.
 */
import {
  add,
  avgPool2d,
  batchNorm,
  conv2d,
  convTranspose2d,
  noGrad,
  resizeBilinear,
  scope,
  select,
  type Tensor,
} from "../../engine/index.js";
import {
  companion,
  type ForwardResult,
  type ModelConfig,
  type NetworkPlan,
  planNetwork,
  type SegmentationModel,
} from "../../models/index.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM, Module } from "../../nn/index.js";

/** From a layer's currents to what it passes on. */
export type Activation = (layer: string, current: Tensor) => Tensor;

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
   * @returns scores: DeepLab's `[N, K, h, w]`, FCN's `[N, K, H, W]`
   */
  protected pass(
    x: Tensor,
    { hidden, decoder }: { readonly hidden: Activation; readonly decoder: Activation },
  ): Tensor {
    const scores: Tensor[] = [];
    for (const layer of this.plan.layers) {
      if (layer.kind === "skip") {
        scores.push(this.#conv(x, layer.name));
        continue;
      }
      const before = x;
      x = scope("layer", () => {
        if (layer.kind === "pool") {
          return avgPool2d(before, { kernelSize: 3, stride: layer.stride, padding: 1 });
        }
        const { name, kernelSize, dilation } = layer;
        const padding = (dilation * (kernelSize - 1)) / 2;
        return hidden(name, this.#conv(before, name, { dilation, padding }));
      });
      before.dispose();
    }
    const { output } = this.plan;
    if (output) return this.#conv(x, output.name);
    x = scores.pop()!;
    for (let stage = 0; stage < 3; stage++) {
      const skip = scores.pop()!;
      const raised = convTranspose2d(x, this.tensor(`upsample.${stage}.0.weight`), { stride: 2 });
      const current = add(resizeBilinear(raised, skip.shape.slice(-2) as [number, number]), skip);
      x = stage < 2 ? decoder(`upsample.${stage}`, current) : current;
    }
    return x;
  }

  #conv(x: Tensor, name: string, shape: { readonly dilation?: number; readonly padding?: number } = {}) {
    return conv2d(x, this.tensor(`${name}.weight`), { bias: this.#tensors.get(`${name}.bias`), ...shape });
  }

  /** Batch norm of a layer's currents, where the network has it; `row` picks a timestep's scales and statistics. */
  protected normalized(layer: string, current: Tensor, row?: number): Tensor {
    if (!this.config.batchNorm) return current;
    const part = (key: string) => {
      const all = this.#tensors.get(`${companion("bn", layer)}.${key}`);
      return all === undefined || row === undefined ? all : select(all, 0, row);
    };
    return batchNorm(current, {
      weight: part("weight"),
      runningMean: part("running_mean")!,
      runningVar: part("running_var")!,
      training: this.training,
      momentum: BATCH_NORM_MOMENTUM,
      eps: BATCH_NORM_EPS,
    });
  }
}
