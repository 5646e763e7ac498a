/** What a reader of a network's graph has to know beside it. */
import type { Shape } from "../../models/index.js";
import type { FoldedNetwork } from "../folded-network.js";

/** A sentence each: on time, on what lies before and behind the graph, and on what readers take otherwise. */
export function nirNotes(
  { plan, timesteps }: FoldedNetwork,
  {
    map,
    inputSize: [height, width],
    dt,
  }: {
    readonly map: Shape;
    readonly inputSize: readonly [number, number];
    readonly dt: number;
  },
): string[] {
  const corners = plan.alignCorners ? "with" : "without";
  const isDepthwise = plan.layers.some((layer) => layer.kind === "conv" && layer.depthwise);
  return [
    `time: a timestep is dt = ${dt} s and one step of forward Euler; a reader that decays otherwise (exp(-dt/tau)) computes another network`,
    `input: frames [${plan.inputChannels}, ${height}, ${width}] as the network sees them, ${timesteps} of them; preprocessing and input coding are outside the graph`,
    `output: the map of class scores [${map.join(", ")}] at every timestep; their mean over ${timesteps} timesteps, resized to ${height}x${width} (bilinear, ${corners} aligned corners), gives the classes and is outside the graph`,
    "pooling: zeros at the border count in the mean, as in PyTorch; NIR does not say",
    ...(isDepthwise
      ? [
          "groups: nir 1.0.7 takes a depthwise convolution's input for one channel; read the file there with type_check=False",
        ]
      : []),
  ];
}
