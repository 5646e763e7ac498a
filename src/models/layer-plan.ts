/** A network's table turned into named layers with all sizes filled in. */
import { checkOneOf } from "../checks/index.js";
import { type Architecture, architectureNames, architectures, type Stage } from "./architectures.js";
import type { ModelConfig } from "./model-config.js";

export type PlannedLayer =
  | {
      readonly kind: "conv";
      /** Key of the convolution's weights without `.weight`, such as `features.0`. */
      readonly name: string;
      readonly inputs: number;
      readonly outputs: number;
      readonly kernelSize: number;
      readonly dilation: number;
    }
  | { readonly kind: "pool"; readonly name: string; readonly stride: number }
  | { readonly kind: "skip"; readonly name: string; readonly inputs: number };

export interface NetworkPlan {
  readonly family: Architecture["family"];
  /** Features, then the classifier's hidden part. */
  readonly layers: readonly PlannedLayer[];
  /** DeepLab's 1x1 output convolution. */
  readonly output: { readonly name: string; readonly inputs: number } | undefined;
  /** Number of convolutions from input to scores: the extra steps of full propagation. */
  readonly depth: number;
}

/** Names and sizes of all layers of a network. @throws OptionError for an unknown architecture */
export function planNetwork(config: ModelConfig): NetworkPlan {
  checkOneOf("planNetwork", "arch", config.arch, architectureNames);
  const architecture: Architecture = architectures[config.arch];
  const features = planPart("features", architecture.features, config.inputChannels, config);
  const classifier = planPart("classifier", architecture.classifier, features.channels, config);
  const deeplab = architecture.family === "deeplab";
  return {
    family: architecture.family,
    layers: [...features.layers, ...classifier.layers],
    output: deeplab
      ? { name: `classifier.${classifier.convolutions}`, inputs: classifier.channels }
      : undefined,
    depth: features.convolutions + classifier.convolutions + (deeplab ? 1 : 0),
  };
}

function planPart(part: string, stages: readonly Stage[], inputs: number, config: ModelConfig) {
  const layers: PlannedLayer[] = [];
  let channels = inputs;
  let convolutions = 0;
  for (const stage of stages) {
    if (stage.kind === "conv") {
      const { kernelSize = config.kernelSize, dilation = 1 } = stage;
      const name = `${part}.${convolutions}`;
      layers.push({ kind: "conv", name, inputs: channels, outputs: stage.channels, kernelSize, dilation });
      channels = stage.channels;
      convolutions++;
    } else if (stage.kind === "pool") {
      layers.push({ kind: "pool", name: `${part}.pool${layers.length}`, stride: stage.stride });
    } else {
      layers.push({ kind: "skip", name: `skips_${part}.${convolutions}`, inputs: channels });
    }
  }
  return { layers, channels, convolutions };
}

/** `features.0` → `bn_features.0`: where a layer's companions are kept. */
export function companion(prefix: string, layer: string): string {
  return `${prefix}_${layer}`;
}

/** Size after a 3x3 pooling with padding 1: halving rounds up. */
export function pooledSize(size: number, stride: number): number {
  return Math.floor((size - 1) / stride) + 1;
}
