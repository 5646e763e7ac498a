/** What a spiking network is made of, in order. */
import type { NeuronLayer } from "../../neurons/index.js";
import type { Conv2d, Module, Upsampler } from "../../nn/index.js";
import type { BuildOptions } from "../build-options.js";
import { convolutions } from "../convolutions.js";
import type { NetworkPlan, PlannedLayer, PlannedStage, SnnConfig } from "../plan/index.js";
import { neuronLayers } from "./neuron-layers.js";

export type Part =
  | { readonly kind: "conv"; readonly name: string; readonly conv: Conv2d; readonly lif: NeuronLayer }
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
        return { kind: "conv", name, conv: child(name, conv.hidden(layer)), lif: neurons.layer(name, norm) };
      }
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
  const hidden = layers.flatMap((part) => (part.kind === "conv" ? [[part.name, part.lif] as const] : []));
  const decoder = stages.flatMap(({ name, lif }) => (lif ? [[name, lif] as const] : []));
  return new Map([...hidden, ...decoder]);
}
