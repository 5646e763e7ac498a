/** What defines a network: stored in every checkpoint, enough to build it again. */
import { lifDefaults, type Neuron, type Reset, type Surrogate } from "../../neurons/index.js";
import type { Init } from "../../nn/index.js";
import type { NamedArchitecture } from "./architecture.js";
import type { ArchitectureName } from "./architectures.js";

interface CommonConfig {
  /** By name, or one of your own. */
  readonly arch: ArchitectureName | NamedArchitecture;
  readonly inputChannels: number;
  readonly numClasses: number;
  /** Odd; padding keeps the image's size. */
  readonly kernelSize: number;
  readonly init: Init;
  /** ANN: batch norm after every hidden convolution. SNN: batch norm through time (BNTT). */
  readonly batchNorm: boolean;
  /** Convolutions and DeepLab's output have biases, as folded batch norm needs them (default false). */
  readonly convBias?: boolean;
}

export interface AnnConfig extends CommonConfig {
  readonly kind: "ann";
  /** Slope of leaky ReLU below 0; 0 is plain ReLU. */
  readonly leakySlope: number;
  /** Levels of a quantised ReLU with learnt bound instead of ReLU (`QuantizedRelu`); 0 (default) is none. */
  readonly activationLevels?: number;
}

export interface SnnConfig extends CommonConfig {
  readonly kind: "snn";
  /** T: timesteps of one example. */
  readonly timesteps: number;
  /** λ in (0, 1]. */
  readonly leak: number;
  /** ϑ of every neuron at the start. */
  readonly threshold: number;
  readonly surrogate: Surrogate;
  /** What the neurons compute (default: LIF). */
  readonly neuron?: Neuron;
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

export type ModelConfig = AnnConfig | SnnConfig;

const commonDefaults = { kernelSize: 3, init: "xavier", batchNorm: true } as const;
const annDefaults = { ...commonDefaults, leakySlope: 0 } as const;
const snnDefaults = { ...commonDefaults, timesteps: 20, ...lifDefaults, fullPropagation: false } as const;

/** The reference's settings of both kinds, for a network of which only the essentials are said. */
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
