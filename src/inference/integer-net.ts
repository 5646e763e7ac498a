/**
 * A network whose neurons send small integers in one timestep, on integer kernels: uint8 between convolutions, 8-bit weights, float32 only in
 * the image's convolution and in real-valued shortcuts. What is left out: gradients, observers, spike counts.
 */
import { channelsLast, concat, conv2d, noGrad, scope, select, type Tensor } from "../engine/index.js";
import { ShapeError } from "../errors.js";
import {
  type ForwardNetwork,
  joinMaps,
  type ModelConfig,
  type NetworkScores,
  pooledSize,
  type Resizing,
  resizedTo,
  sizeOf,
} from "../models/index.js";
import { fireIntegers, integerConv2d, integerConvCurrents, integerConvJoin } from "./integer-ops.js";
import type { IntegerParts, IntegerStep } from "./integer-parts.js";

/** Made by `fuseIntegers`, with weights of its own. */
export class IntegerNet implements ForwardNetwork, Disposable {
  /** Of the network it was made from. */
  readonly config: ModelConfig;
  readonly #parts: IntegerParts;
  readonly #owned: readonly Tensor[];

  /** @internal */
  constructor(config: ModelConfig, parts: IntegerParts, owned: readonly Tensor[]) {
    this.config = config;
    this.#parts = parts;
    this.#owned = owned;
  }

  /**
   * Scores of a batch of any size.
   *
   * @param input - images `[N, C, H, W]`, or one frame of each `[1, N, C, H, W]`, float32
   * @returns scores alone: what neurons fired is not counted
   * @throws ShapeError if the input is of another shape
   */
  forward(input: Tensor): NetworkScores {
    const { shape } = input;
    const { inputChannels } = this.config;
    const fits = shape.length === 4 || (shape.length === 5 && shape[0] === 1);
    if (!fits || shape.at(-3) !== inputChannels) {
      throw new ShapeError(
        `integers forward: expected images [N, ${inputChannels}, H, W] or one frame of each, received [${shape}]`,
      );
    }
    return scope("integers forward", () =>
      noGrad(() => {
        const integers = this.#walk(shape.length === 5 ? select(input, 0, 0) : input);
        const { weights, ...affine } = this.#parts.output;
        const scores = integerConvCurrents(integers, weights, affine);
        return { logits: resizedTo(scores, sizeOf(input), this.#parts), activity: [] };
      }),
    );
  }

  /** The integers that the output reads. */
  #walk(image: Tensor): Tensor {
    const { steps } = this.#parts;
    const kept = new Map<string, Tensor>();
    let x = channelsLast(image);
    for (let i = 0; i < steps.length; i++) {
      const joined = this.#joined(i, x, kept);
      if (joined !== undefined) {
        x = joined.integers;
        for (const label of joined.labels) kept.set(label, joined.sum);
        i = joined.last;
        continue;
      }
      const step = steps[i]!;
      const before = x;
      if (step.kind === "keep") {
        kept.set(step.label, x);
        continue;
      }
      x = scope("integer step", () => run(step, before, kept, this.#parts));
      if (x !== before && ![...kept.values()].includes(before)) before.dispose();
    }
    return x;
  }

  /**
   * The end of a block in one pass: a convolution to currents at `at`, their sum with what was kept, and the neurons that read it; keeps may
   * lie between. `undefined` where the steps, or their sizes, are others.
   */
  #joined(at: number, x: Tensor, kept: ReadonlyMap<string, Tensor>) {
    const { steps } = this.#parts;
    const [convolution, join] = [steps[at]!, steps[at + 1]];
    if (convolution.kind !== "currents" || join?.kind !== "add") return undefined;
    let last = at + 2;
    const labels: string[] = [];
    for (let step = steps[last]; step?.kind === "keep"; step = steps[++last]) labels.push(step.label);
    const fire = steps[last];
    if (fire?.kind !== "fire") return undefined;
    const residual = kept.get(join.label)!;
    const { weights, stride, ...affine } = convolution.layer;
    const size = x.shape.slice(1, 3).map((side) => pooledSize(side, stride));
    if (residual.shape.slice(-2).join() !== size.join()) return undefined;
    const { sum, integers } = integerConvJoin(x, weights, { ...affine, stride, residual, ...fire.neurons });
    return { sum, integers, labels, last };
  }

  /** Frees its weights. */
  dispose(): void {
    for (const each of this.#owned) each.dispose();
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

function run(
  step: Exclude<IntegerStep, { kind: "keep" }>,
  x: Tensor,
  kept: ReadonlyMap<string, Tensor>,
  { alignCorners }: Resizing,
): Tensor {
  switch (step.kind) {
    case "image":
      return conv2d(x, step.weight, step.options);
    case "integers": {
      const { weights, ...affine } = step.layer;
      return integerConv2d(x, weights, { ...affine, levels: step.levels });
    }
    case "currents": {
      const { weights, ...affine } = step.layer;
      return integerConvCurrents(x, weights, affine);
    }
    case "fire":
      return fireIntegers(x, step.neurons);
    case "concat":
      return concat([x, kept.get(step.label)!], 3);
    case "add":
      return joinMaps(x, kept.get(step.label)!, { by: "sum", alignCorners });
    case "resize": {
      const { shape } = kept.get(step.label)!;
      const [height = 0, width = 0] = step.like === "integers" ? shape.slice(1) : shape.slice(2);
      return resizedTo(x, [height, width], { alignCorners });
    }
  }
}
