/** A plan with the maps that its layers read and write, for images of one size. */
import type { NetworkPlan, PlannedLayer, PlannedStage } from "./plan-network.js";
import { pooledSize, type Shape } from "./shapes.js";

/** The maps that a layer or stage reads and writes, without the batch. */
export interface LayerMaps {
  /** What it reads. */
  readonly input: Shape;
  /** What it writes; of a `keep`, its input. */
  readonly output: Shape;
}

/** A layer with its maps. */
export type SizedLayer = PlannedLayer & LayerMaps;

/** Reads the scores of the stage below and writes those of its skip's size. */
export type SizedStage = PlannedStage & LayerMaps;

/** A plan with the maps of all its layers, for images of one size. */
export interface SizedPlan {
  /** Features, then the classifier's hidden part. */
  readonly layers: readonly SizedLayer[];
  /** Its map before it is resized to the image. */
  readonly output: (NonNullable<NetworkPlan["output"]> & LayerMaps) | undefined;
  /** The decoder's; empty where `output` makes the scores. */
  readonly stages: readonly SizedStage[];
}

/**
 * The maps that each layer reads and writes.
 *
 * @param plan - of `planNetwork`
 * @param size - height and width of the image, in pixels
 */
export function sizePlan(
  { inputChannels, numClasses, layers, output, decoder }: NetworkPlan,
  size: readonly [number, number],
): SizedPlan {
  let map: Shape = [inputChannels, ...size];
  const kept = new Map<string, Shape>();
  const sized = layers.map((layer): SizedLayer => {
    const input = map;
    const [channels, height, width] = input;
    if (layer.kind === "skip") return { ...layer, input, output: [numClasses, height, width] };
    switch (layer.kind) {
      case "pool":
        map = [channels, pooledSize(height, layer.stride), pooledSize(width, layer.stride)];
        break;
      case "conv":
        map = [layer.outputs, pooledSize(height, layer.stride), pooledSize(width, layer.stride)];
        break;
      case "keep":
        kept.set(layer.label, input);
        break;
      case "join": {
        const [, ...size] = kept.get(layer.label)!;
        map = [layer.outputs, ...size];
        break;
      }
    }
    return { ...layer, input, output: map };
  });
  const [, height, width] = map;
  const scoresOf = (skip: string) => sized.find(({ name }) => name === skip)!.output;
  let below = decoder && scoresOf(decoder.deepest);
  const stages = (decoder?.stages ?? []).map((stage): SizedStage => {
    const maps = { input: below!, output: scoresOf(stage.skip) };
    below = maps.output;
    return { ...stage, ...maps };
  });
  return {
    layers: sized,
    output: output && { ...output, input: map, output: [numClasses, height, width] },
    stages,
  };
}
