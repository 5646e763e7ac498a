/** A network's table turned into named layers: what ANN, SNN, their plain twin and fused inference all walk. */
import type { ArchitectureStage, JoinWay } from "./architecture.js";
import { architectureOf } from "./architectures.js";
import { checkArchitecture } from "./check-architecture.js";
import { joinWays } from "./join-maps.js";
import type { ModelConfig } from "./model-config.js";

/** A stage of an architecture's table with its name and channels; names are unique in a network. */
export type PlannedLayer =
  | {
      /** Convolution, normalisation, activation. */
      readonly kind: "conv";
      /** Key of the convolution's weights without `.weight`, such as `features.0`. */
      readonly name: string;
      /** Channels that it reads. */
      readonly inputs: number;
      /** Channels that it gives. */
      readonly outputs: number;
      /** Height and width of the kernel, odd. */
      readonly kernelSize: number;
      /** Distance of its taps, in pixels. */
      readonly dilation: number;
      /** 2 halves the size, rounded up. */
      readonly stride: 1 | 2;
      /** Whether each channel reads only its own. */
      readonly depthwise: boolean;
      /** Whether an activation follows; otherwise its result is a map of currents. */
      readonly fires: boolean;
    }
  | {
      /** Activation of its input. */
      readonly kind: "fire";
      /** Such as `features.fire4`: its place in the part. */
      readonly name: string;
      /** Channels that it reads and gives. */
      readonly outputs: number;
    }
  | {
      /** Average pooling 3x3, padding 1. */
      readonly kind: "pool";
      /** Such as `features.pool2`: its place in the part. */
      readonly name: string;
      /** 2 halves the size, rounded up. */
      readonly stride: number;
    }
  | {
      /** 1x1 convolution to class scores, for the decoder; the layers behind read what it reads. */
      readonly kind: "skip";
      /** Key of its weights without `.weight`, such as `skips_features.2`. */
      readonly name: string;
      /** Channels that it reads. */
      readonly inputs: number;
    }
  | {
      /** Remembers its input under `label`. */
      readonly kind: "keep";
      /** Such as `features.keep1`: its place in the part. */
      readonly name: string;
      /** As the architecture says it. */
      readonly label: string;
    }
  | {
      /** Resizes its input to the map of `label` and joins the two. */
      readonly kind: "join";
      /** Such as `features.join7`: its place in the part. */
      readonly name: string;
      /** Of the `keep`. */
      readonly label: string;
      /** How the two become one. */
      readonly by: JoinWay;
      /** As in the architecture. */
      readonly alignCorners: boolean;
      /** Channels of the result. */
      readonly outputs: number;
    };

/** A convolution with an activation, or an activation alone. */
export type FiringLayer = Extract<PlannedLayer, { kind: "conv" | "fire" }>;

/** The decoder's way up by one skip: `x ← up(x) resized to the skip + scores of the skip`. */
export interface PlannedStage {
  /** Name of its neurons, such as `upsample.0`. */
  readonly name: string;
  /** Key of the transposed convolution's weights without `.weight`. */
  readonly upsampler: string;
  /** The skip that it adds, by its layer's name. */
  readonly skip: string;
  /** Whether a spiking network has neurons here; stages behind the last that fires only integrate. */
  readonly fires: boolean;
}

/** From the deepest skip up. */
export interface PlannedDecoder {
  /** The skip whose scores the first stage reads. */
  readonly deepest: string;
  /** One for each skip above the deepest. */
  readonly stages: readonly PlannedStage[];
}

/** A network's layers by name. Either `output` or `decoder` makes the scores. */
export interface NetworkPlan {
  /** C of the input. */
  readonly inputChannels: number;
  /** K of the scores. */
  readonly numClasses: number;
  /** Features, then the classifier's hidden part. */
  readonly layers: readonly PlannedLayer[];
  /** The 1x1 output convolution. */
  readonly output:
    | {
        /** Key of its weights without `.weight`, such as `classifier.1`. */
        readonly name: string;
        /** Channels that it reads. */
        readonly inputs: number;
      }
    | undefined;
  /** The way up by skips. */
  readonly decoder: PlannedDecoder | undefined;
  /** Number of convolutions from input to scores: the extra steps of full propagation. */
  readonly depth: number;
  /** How maps are resized, as in the architecture. */
  readonly alignCorners: boolean;
}

/** The layers with an activation of their own, the decoder's aside. */
export function firingLayers({ layers }: Pick<NetworkPlan, "layers">): FiringLayer[] {
  return layers.filter(
    (layer): layer is FiringLayer => layer.kind === "fire" || (layer.kind === "conv" && layer.fires),
  );
}

/**
 * Names and channels of all layers of a network.
 *
 * @param config - complete, such as the `config` of a model
 * @throws OptionError for an unknown architecture
 */
export function planNetwork(config: ModelConfig): NetworkPlan {
  checkArchitecture("planNetwork", config.arch);
  const architecture = architectureOf(config.arch);
  const kept = new Map<string, number>();
  const { alignCorners = true } = architecture;
  const settings = { kernelSize: config.kernelSize, kept, alignCorners };
  const features = planPart("features", architecture.features, config.inputChannels, settings);
  const classifier = planPart("classifier", architecture.classifier, features.channels, settings);
  const layers = [...features.layers, ...classifier.layers];
  const hasOutput = architecture.decoder === "output";
  return {
    inputChannels: config.inputChannels,
    numClasses: config.numClasses,
    layers,
    output: hasOutput
      ? { name: `classifier.${classifier.convolutions}`, inputs: classifier.channels }
      : undefined,
    decoder: hasOutput ? undefined : planDecoder(layers, config),
    depth: features.convolutions + classifier.convolutions + (hasOutput ? 1 : 0),
    alignCorners,
  };
}

function planPart(
  part: string,
  stages: readonly ArchitectureStage[],
  inputs: number,
  {
    kernelSize: usual,
    kept,
    alignCorners,
  }: {
    readonly kernelSize: number;
    readonly alignCorners: boolean;
    /** Channels of the maps that were kept. */
    readonly kept: Map<string, number>;
  },
) {
  const layers: PlannedLayer[] = [];
  let channels = inputs;
  let convolutions = 0;
  for (const stage of stages) {
    switch (stage.kind) {
      case "conv": {
        const { kernelSize = usual, dilation = 1, stride = 1, depthwise = false, fires = true } = stage;
        const shape = { inputs: channels, outputs: stage.channels, kernelSize, dilation, stride, depthwise };
        layers.push({ kind: "conv", name: `${part}.${convolutions}`, ...shape, fires });
        channels = stage.channels;
        convolutions++;
        break;
      }
      case "fire":
        layers.push({ kind: "fire", name: `${part}.fire${layers.length}`, outputs: channels });
        break;
      case "pool":
        layers.push({ kind: "pool", name: `${part}.pool${layers.length}`, stride: stage.stride });
        break;
      case "skip":
        layers.push({ kind: "skip", name: `skips_${part}.${convolutions}`, inputs: channels });
        break;
      case "keep":
        kept.set(stage.name, channels);
        layers.push({ kind: "keep", name: `${part}.keep${layers.length}`, label: stage.name });
        break;
      case "join": {
        const { name: label, by = "channels" } = stage;
        channels = joinWays[by].channels(channels, kept.get(label)!)!;
        layers.push({
          ...{ kind: "join", name: `${part}.join${layers.length}`, label, by, alignCorners },
          outputs: channels,
        });
        break;
      }
    }
  }
  return { layers, channels, convolutions };
}

function planDecoder(layers: readonly PlannedLayer[], config: ModelConfig): PlannedDecoder {
  const skips = layers.flatMap(({ kind, name }) => (kind === "skip" ? [name] : []));
  const deepest = skips.pop()!;
  const integrates = config.kind === "snn" && config.integratingDecoder === true;
  const stages = skips.reverse().map((skip, stage) => {
    const name = `upsample.${stage}`;
    return { name, upsampler: `${name}.0`, skip, fires: !integrates && stage < skips.length - 1 };
  });
  return { deepest, stages };
}

/**
 * `features.0` → `bn_features.0`: where a layer's companions are kept.
 *
 * @param prefix - `bn` (batch norm), `lif` (neurons) or `act` (quantised ReLU)
 * @param layer - name of the convolution, `fire` or stage of a decoder
 */
export function companion(prefix: string, layer: string): string {
  return `${prefix}_${layer}`;
}
