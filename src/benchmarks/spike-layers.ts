/** The layers of an architecture that sparse kernels can speed up. */
import { modelDefaults, type PlannedLayer, planNetwork, sizePlan } from "../models/index.js";
import type { WorkloadOptions } from "./workload.js";

/** A hidden layer that reads spikes. */
export type SpikeLayer = {
  readonly layer: Extract<PlannedLayer, { kind: "conv" }>;
  readonly size: readonly [number, number];
  readonly poolStride: number;
};

/** Hidden layers that read spikes, with the size of the spikes that they read. */
export function spikeLayers({
  arch,
  imgSize,
  timesteps,
}: Pick<WorkloadOptions, "arch" | "imgSize" | "timesteps">): SpikeLayer[] {
  const config = {
    ...modelDefaults,
    kind: "snn",
    arch,
    inputChannels: 3,
    numClasses: 21,
    timesteps,
  } as const;
  const shapes: SpikeLayer[] = [];
  let read: readonly [number, number] = imgSize;
  let poolStride = 0;
  for (const layer of sizePlan(planNetwork(config), imgSize).layers) {
    const [, ...size] = layer.output;
    if (layer.kind === "pool") poolStride = layer.stride;
    if (layer.kind !== "conv") continue;
    shapes.push({ layer, size: read, poolStride });
    read = size;
    poolStride = 0;
  }
  return shapes.slice(1); // the first layer reads the image
}
