/** The features of a spiking network in training, on bit-packed spikes. */
import { hasFusedOperators, type Tensor } from "../../engine/index.js";
import {
  type NeuronLayer,
  neuronObstacle,
  type PackedLayerResult,
  type PackedSpikes,
  packedRate,
  surrogateObstacle,
} from "../../neurons/index.js";
import { kernelsObstacle, neuronOf, normOf, planNetwork, type SnnConfig } from "../plan/index.js";
import type { ForwardObserver } from "../segmentation-model.js";
import type { ActivityCounts } from "./layer-activity.js";
import type { Part } from "./snn-parts.js";

/** Why bits cannot train a network, as the end of a sentence; `undefined` if they can. @param config - complete */
export function bitsObstacle(config: SnnConfig): string | undefined {
  const { imbalance, convBias = false, fullPropagation, initialMembrane = 0 } = config;
  const own = neuronObstacle(neuronOf(config)) ?? surrogateObstacle(config.surrogate);
  if (own !== undefined) return own;
  const norm = normOf(config) ?? "bntt";
  if (norm !== "bntt") return `its timesteps share a batch norm (--norm ${norm})`;
  if (config.learnsThreshold) return "its thresholds are learnt (--learn-threshold)";
  if (config.spiking === false) return "its neurons are still ReLUs (--spiking-from)";
  if (imbalance > 0) return "its neurons have a negative threshold (--imbalance)";
  if (fullPropagation) return "it runs extra timesteps (--full-propagation)";
  if (convBias) return "its convolutions have biases, as conversion makes them";
  return initialMembrane > 0 ? "its membranes do not start at 0" : kernelsObstacle(planNetwork(config));
}

/**
 * Whether bits can train this network on an input: all timesteps at once, from membranes at 0, with one threshold, on a device
 * with kernels.
 */
export function bitsCover(config: SnnConfig, input: Tensor, layers: Iterable<NeuronLayer>): boolean {
  const allSteps = input.shape.length === 4 || input.shape[0] === config.timesteps;
  if (!allSteps || bitsObstacle(config) !== undefined || !hasFusedOperators(input.device)) return false;
  return [...layers].every(({ threshold }) => threshold.shape.length < 3);
}

/** What came out of the hidden layers. */
export interface PackedFeatures {
  readonly last: PackedSpikes;
  /** What each skip reads, by its name. */
  readonly skips: ReadonlyMap<string, PackedSpikes>;
}

/**
 * Runs all timesteps through the layers.
 *
 * @param input - `[T, N, C, H, W]`, or `[N, C, H, W]` for a constant input
 * @param activity - takes in what the layers fired
 */
export function packedFeatures(
  layers: readonly Part[],
  input: Tensor,
  {
    steps,
    observer,
    activity,
  }: {
    readonly steps: number;
    readonly observer: ForwardObserver | undefined;
    readonly activity: ActivityCounts;
  },
): PackedFeatures {
  const skips = new Map<string, PackedSpikes>();
  let x: PackedSpikes | Tensor = input;
  let poolStride = 0;
  for (const part of layers) {
    if (part.kind === "pool") {
      poolStride = part.stride;
    } else if (part.kind === "skip") {
      skips.set(part.name, x as PackedSpikes);
    } else if (part.kind === "conv" && part.lif !== undefined) {
      const { name, conv, lif } = part;
      const { dilation = 1 } = conv.settings;
      const options = { weight: conv.weight, dilation, poolStride, steps };
      const result: PackedLayerResult = lif.forwardPacked(x, options);
      const [, batch = 1, height = 1, width = 1, channels = 1] = result.carrier.shape;
      activity.add(name, { batch, perExample: [channels, height, width], neurons: lif }, result);
      observer?.rate?.(name, packedRate(result));
      x = result;
      poolStride = 0;
    }
  }
  return { last: x as PackedSpikes, skips };
}
