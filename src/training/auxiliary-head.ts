/** An auxiliary head: scores from the middle of a network, which training alone asks to be right. */
import { checkNumber } from "../checks/index.js";
import { keep, mul, scope, sum, type Tensor } from "../engine/index.js";
import { type ModelConfig, type NetworkPlan, planNetwork, resizedTo } from "../models/index.js";
import { Conv2d, Module } from "../nn/index.js";
import { derive } from "../random/index.js";

/** How a head is built. */
export interface AuxiliaryHeadOptions {
  /** w of its loss beside the network's, above 0; 0.4 is usual. */
  readonly weight: number;
  /** Of the initial weights, an integer from 0 to 2⁵³ − 1. */
  readonly seed: number;
  /** Where its weights are: `cpu`, `cuda`, `cuda:1` … */
  readonly device: string;
}

/**
 * Scores of a 1x1 convolution on what a layer two thirds through the network reads, averaged over time, at the image's size:
 *
 *     L = L₀(o, y) + w·L₀(resize(W·mean_t x + b), y)
 *
 * Give it to `forward` as (part of) the observer. The network itself, its checkpoints and its answers are without it.
 *
 * @see Zhao, Shi, Qi, Wang & Jia 2017, arXiv:1612.01105 (section 3.3)
 */
export class AuxiliaryHead extends Module {
  /** The convolution whose input it reads. */
  readonly layer: string;
  readonly #weight: number;
  readonly #plan: NetworkPlan;
  readonly #conv: Conv2d;
  #scores: Tensor | undefined;

  /**
   * @param config - of the network, complete
   * @param options - weight of its loss, seed and device
   * @throws OptionError unless the weight is above 0
   */
  constructor(config: ModelConfig, { weight, seed, device }: AuxiliaryHeadOptions) {
    super();
    checkNumber("AuxiliaryHead", "weight", weight, { above: 0 });
    this.#weight = weight;
    this.#plan = planNetwork(config);
    const convolutions = this.#plan.layers.flatMap((layer) => (layer.kind === "conv" ? [layer] : []));
    const { name, inputs } = convolutions[Math.floor((2 / 3) * convolutions.length)]!;
    this.layer = name;
    const { numClasses: outputs, init } = config;
    const shape = { inputs, outputs, kernelSize: 1, bias: true };
    this.#conv = this.child(
      "auxiliary",
      new Conv2d({ ...shape, init, seed: derive(seed, "init", "auxiliary"), device }),
    );
  }

  /**
   * Part of a forward observer.
   *
   * @param layer - its name; others than {@link AuxiliaryHead.layer} are left alone
   * @param x - `[N, C, H, W]`, or `[T', N, C, H, W]`
   */
  readonly input = (layer: string, x: Tensor): void => {
    if (layer !== this.layer) return;
    this.#forget();
    this.#scores = keep(
      scope("auxiliary head", () => {
        const [steps = 1] = x.shape;
        return this.#conv.forward(x.shape.length === 5 ? mul(sum(x, [0]), 1 / steps) : x);
      }),
    );
  };

  /**
   * w·L₀ of the forward pass that it has seen last, which it forgets; `undefined` if there was none.
   *
   * @param labels - y, `[N, H, W]` int64
   * @param lossOf - L₀, from scores `[N, K, H, W]` and labels to a scalar
   */
  take(labels: Tensor, lossOf: (logits: Tensor, labels: Tensor) => Tensor): Tensor | undefined {
    const scores = this.#scores;
    if (scores === undefined) return undefined;
    const loss = scope("auxiliary loss", () => {
      const [, height = 0, width = 0] = labels.shape;
      return mul(lossOf(resizedTo(scores, [height, width], this.#plan), labels), this.#weight);
    });
    this.#forget();
    return loss;
  }

  /** Frees its weights, and scores that were not taken. */
  override dispose(): void {
    this.#forget();
    super.dispose();
  }

  #forget(): void {
    this.#scores?.dispose();
    this.#scores = undefined;
  }
}
