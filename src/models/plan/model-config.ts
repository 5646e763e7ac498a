/** What defines a network: stored in every checkpoint, enough to build it again. */
import {
  lif,
  lifDefaults,
  type Neuron,
  type NeuronName,
  namedNeuron,
  type Reset,
  type SharedNormName,
  type Surrogate,
} from "../../neurons/index.js";
import type { Init } from "../../nn/index.js";
import type { NamedArchitecture } from "./architecture.js";
import type { ArchitectureName } from "./architectures.js";

interface CommonConfig {
  /** By name, or one of your own. */
  readonly arch: ArchitectureName | NamedArchitecture;
  /** C of its input: 3 for pictures; what an event representation has. */
  readonly inputChannels: number;
  /** K: channels of its scores. */
  readonly numClasses: number;
  /** Odd; padding keeps the image's size. */
  readonly kernelSize: number;
  /** How fresh weights are drawn. */
  readonly init: Init;
  /** ANN: batch norm after every hidden convolution. SNN: batch norm through time (BNTT). */
  readonly batchNorm: boolean;
  /** Convolutions and DeepLab's output have biases, as folded batch norm needs them (default false). */
  readonly convBias?: boolean;
}

/** What defines an ordinary network: with its weights all that a checkpoint needs. */
export interface AnnConfig extends CommonConfig {
  /** Convolution, batch norm, ReLU. */
  readonly kind: "ann";
  /** Slope of leaky ReLU below 0, in [0, 1); 0 is plain ReLU. */
  readonly leakySlope: number;
  /** Levels of a quantised ReLU with learnt bound instead of ReLU (`QuantizedRelu`); 0 (default) is none. */
  readonly activationLevels?: number;
  /** Which batch norm, where there is one: `plain` (default) learns nothing, `affine` a scale and a shift per channel. */
  readonly norm?: "plain" | "affine";
}

/** What defines a spiking network: with its weights all that a checkpoint needs. */
export interface SnnConfig extends CommonConfig {
  /** Convolution, batch norm through time, spiking neurons. */
  readonly kind: "snn";
  /** T: timesteps of one example. */
  readonly timesteps: number;
  /** λ in (0, 1]. */
  readonly leak: number;
  /** ϑ of every neuron at the start, above 0. */
  readonly threshold: number;
  /** What backward takes for the derivative of the spike. */
  readonly surrogate: Surrogate;
  /** What the neurons compute: by name, or one of your own (default: LIF). */
  readonly neuron?: NeuronName | Neuron;
  /** D of neurons that send integers by name: the most spikes in a timestep (default 4). */
  readonly levels?: number;
  /** Whether training moves every layer's ϑ (default false). */
  readonly learnsThreshold?: boolean;
  /** Which batch norm, where there is one (default: through time). */
  readonly norm?: NormName;
  /** False while the network is trained with ReLU instead of neurons, before it begins to spike (default true). */
  readonly spiking?: boolean;
  /** What a spike does to the membrane. */
  readonly reset: Reset;
  /** Run one more step per convolution with zero input and without batch norm, so that late spikes arrive. */
  readonly fullPropagation: boolean;
  /** α of a second, negative threshold −ϑ/α; 0 is none. */
  readonly imbalance: number;
  /** v before the first timestep as a share of ϑ, in [0, 1) (default 0). */
  readonly initialMembrane?: number;
  /** Shape of ϑ by spiking layer where it is more than one number: `[C]` or `[C, H, W]` (default none). */
  readonly thresholdShapes?: Readonly<Record<string, readonly number[]>>;
  /** FCN: the decoder's stages sum up scores and never fire, as in the ANN (default false). */
  readonly integratingDecoder?: boolean;
}

/** A spiking network's batch norm: `bntt`, one a timestep (Kim & Panda 2020, arXiv:2010.01729), or one that timesteps share. */
export type NormName = "bntt" | SharedNormName;

/** The most spikes of a neuron in a timestep where a config names one that sends integers and does not say. */
export const usualLevels = 4;

/** The neuron of a config. @param config - complete */
export function neuronOf({ neuron = lif, leak, levels = usualLevels }: SnnConfig): Neuron {
  return typeof neuron === "string" ? namedNeuron(neuron, { leak, levels }) : neuron;
}

/** The form of a config's batch norm; `undefined` where it has none. @param config - complete */
export function normOf({ batchNorm, norm = "bntt" }: SnnConfig): NormName | undefined {
  return batchNorm ? norm : undefined;
}

/** The most timesteps that a config's batch norm covers. @param config - complete */
export function mostSteps(config: SnnConfig): number {
  const norm = normOf(config);
  return norm === "bntt" || norm === "tebn" ? config.timesteps : Number.POSITIVE_INFINITY;
}

/** What defines a network of either kind. */
export type ModelConfig = AnnConfig | SnnConfig;

const commonDefaults = {
  /** 3x3. */
  kernelSize: 3,
  /** Uniform, with gain 2. */
  init: "xavier",
  /** After every hidden convolution. */
  batchNorm: true,
} as const;
const annDefaults = {
  ...commonDefaults,
  /** ANN: plain ReLU. */
  leakySlope: 0,
} as const;
const snnDefaults = {
  ...commonDefaults,
  /** SNN: T. */
  timesteps: 20,
  /** SNN: λ. */
  leak: lifDefaults.leak,
  /** SNN: ϑ. */
  threshold: lifDefaults.threshold,
  /** SNN: 0.3·max(0, 1 − |u/ϑ − 1|). */
  surrogate: lifDefaults.surrogate,
  /** SNN: ϑ is subtracted. */
  reset: lifDefaults.reset,
  /** SNN: no negative threshold. */
  imbalance: lifDefaults.imbalance,
  /** SNN: no steps behind the last with input. */
  fullPropagation: false,
} as const;

/**
 * The reference's settings of both kinds, for a network of which only the essentials are said; `createModel` takes them
 * for what is left out.
 *
 * @example
 * ```ts
 * import { modelDefaults } from "snnseg";
 * import { layerTable } from "snnseg/models";
 *
 * const network = { ...modelDefaults, inputChannels: 3, numClasses: 21 };
 * console.log(network.timesteps, network.leak); // 20 0.99
 * console.log(layerTable({ ...network, kind: "snn", arch: "dl-vgg9" }, [64, 64]).at(-1)); // the scores
 * ```
 */
export const modelDefaults = { ...annDefaults, ...snnDefaults } as const;

/** An ANN's config, of which {@link modelDefaults} complete what is left out. */
export type AnnSettings = Pick<AnnConfig, "kind" | "arch" | "inputChannels" | "numClasses"> &
  Partial<AnnConfig>;

/** A spiking network's config, of which {@link modelDefaults} complete what is left out. */
export type SnnSettings = Pick<SnnConfig, "kind" | "arch" | "inputChannels" | "numClasses"> &
  Partial<SnnConfig>;

/** A network's config, of which {@link modelDefaults} complete what is left out. */
export type ModelSettings = AnnSettings | SnnSettings;

/** The config of a network with these settings. */
export function completeModelConfig(settings: ModelSettings): ModelConfig {
  return settings.kind === "ann" ? { ...annDefaults, ...settings } : { ...snnDefaults, ...settings };
}
