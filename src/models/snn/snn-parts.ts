/** What a spiking network is made of, in order. */
import type { BatchNormThroughTime, NeuronLayer, SharedNorm } from "../../neurons/index.js";
import type { Conv2d, Module, Upsampler } from "../../nn/index.js";
import type { BuildOptions } from "../build-options.js";
import { convolutions } from "../convolutions.js";
import type { NetworkPlan, PlannedLayer, PlannedStage, SnnConfig } from "../plan/index.js";
import { neuronLayers } from "./neuron-layers.js";

export type Part =
  | {
      readonly kind: "conv";
      readonly name: string;
      readonly conv: Conv2d;
      readonly norm: BatchNormThroughTime | SharedNorm | undefined;
      /** Which normalise their currents themselves; absent where the layer does not fire. */
      readonly lif: NeuronLayer | undefined;
    }
  | { readonly kind: "fire"; readonly name: string; readonly lif: NeuronLayer }
  | Extract<PlannedLayer, { kind: "pool" | "keep" | "join" }>
  | { readonly kind: "skip"; readonly name: string; readonly conv: Conv2d };

/** A stage of the decoder; it has neurons where it fires. */
export interface SpikingStage extends PlannedStage {
  readonly up: Upsampler;
  readonly lif: NeuronLayer | undefined;
}

export interface SnnParts {
  readonly layers: readonly Part[];
  /** The 1x1 output convolution; absent where a decoder makes the scores. */
  readonly output: Conv2d | undefined;
  readonly stages: readonly SpikingStage[];
}

/**
 * Builds all parts of a plan, in the order of their names in checkpoints.
 *
 * @param child - registers a part under its name
 */
export function buildParts(
  plan: NetworkPlan,
  config: SnnConfig,
  { child, ...options }: BuildOptions & { readonly child: <M extends Module>(name: string, module: M) => M },
): SnnParts {
  const conv = convolutions(config, options);
  const neurons = neuronLayers(config, options.device, child);
  const part = (layer: PlannedLayer): Part => {
    const { name } = layer;
    switch (layer.kind) {
      case "pool":
      case "keep":
      case "join":
        return layer;
      case "skip":
        return { kind: "skip", name, conv: child(name, conv.scores(name, layer.inputs, { bias: true })) };
      case "conv": {
        const norm = neurons.norm(layer);
        const convolution = child(name, conv.hidden(layer));
        const lif = layer.fires ? neurons.layer(name, norm) : undefined;
        return { kind: "conv", name, conv: convolution, norm, lif };
      }
      case "fire":
        return { kind: "fire", name, lif: neurons.layer(name) };
    }
  };
  const layers = plan.layers.map(part);
  const { output, decoder } = plan;
  const bias = config.convBias ?? false;
  return {
    layers,
    output: output && child(output.name, conv.scores(output.name, output.inputs, { bias })),
    stages: (decoder?.stages ?? []).map((stage) => {
      const up = child(stage.upsampler, conv.upsampler(stage.upsampler));
      return { ...stage, up, lif: stage.fires ? neurons.layer(stage.name) : undefined };
    }),
  };
}

/** The 1x1 convolutions of the skips by name. */
export function skipsOf({ layers }: SnnParts): Map<string, Conv2d> {
  return new Map(layers.flatMap((part) => (part.kind === "skip" ? [[part.name, part.conv] as const] : [])));
}

/** Layers with neurons by name, input first, the decoder's last. */
export function spikingLayers({ layers, stages }: SnnParts): Map<string, NeuronLayer> {
  const all = [...layers, ...stages].map(
    (part) => [part.name, "lif" in part ? part.lif : undefined] as const,
  );
  return new Map(all.filter((entry): entry is [string, NeuronLayer] => entry[1] !== undefined));
}
