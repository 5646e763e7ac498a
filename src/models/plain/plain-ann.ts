/** The plain twin of an ordinary network: libtorch's eager operators in channels-last fp32. */
import { channelsLast, clone, leakyRelu, relu, scope, type Tensor } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import type { AnnModel } from "../ann/index.js";
import { type AnnConfig, resizedTo, sizeOf } from "../plan/index.js";
import type { ForwardResult } from "../segmentation-model.js";
import { PlainNetwork } from "./plain-network.js";

/** Copies a network's present weights and statistics. */
export class PlainAnn extends PlainNetwork {
  declare readonly config: AnnConfig;

  /** @throws OptionError if its activations are quantised */
  constructor(model: AnnModel) {
    if ((model.config.activationLevels ?? 0) > 0) {
      throw new OptionError(
        "plain twin: expected a network of which there is a plain twin, received one with quantised activations; " +
          "take a run without --activation-levels",
      );
    }
    super(model, (x) => (x.shape.length === 4 ? channelsLast(clone(x)) : clone(x)));
  }

  /** @param input - images `[N, C, H, W]` */
  forward(input: Tensor): ForwardResult {
    const { leakySlope } = this.config;
    return scope("plain ann", () => {
      const scores = this.pass(channelsLast(input), {
        normalize: (name, current) => this.normalized(name, current),
        activate: (_, current) => (leakySlope > 0 ? leakyRelu(current, leakySlope) : relu(current)),
        decoder: (_, current) => current,
      });
      return { logits: resizedTo(scores, sizeOf(input), this.plan), activity: [] };
    });
  }
}
