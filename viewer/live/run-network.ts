/** One input through the network, and what is to be seen of it. */

import { countOperations, inputSpikes, type LayerCost } from "../../src/export/web/index.js";
import type { WebNetwork } from "../../src/web/index.js";
import type { Detail, Labels, LayerView, RunSettings } from "./messages.js";
import type { Prepared } from "./prepare-picture.js";

/**
 * @param network - begins anew
 * @param options - `costs`: what its layers cost, where details are wanted
 */
export function runNetwork(
  network: WebNetwork,
  {
    prepared: { frame, region },
    run: { timesteps, ...begin },
    costs,
  }: {
    readonly prepared: Prepared;
    readonly run: RunSettings;
    readonly costs?: readonly LayerCost[] | undefined;
  },
): { readonly labels: Labels; readonly detail?: Detail } {
  const shown = () => cut(network.labels(), network.size, region);
  const steps: Labels[] = [];
  const layers = new Map<
    string,
    { readonly shape: LayerView["shape"]; maps: Float32Array[]; spikes: number[] }
  >();
  const note = ({
    name,
    shape,
    map,
    spikes,
  }: Pick<LayerView, "name" | "shape"> & { map: Float32Array; spikes: number }) => {
    const layer = layers.get(name) ?? { shape, maps: [], spikes: [] };
    layers.set(name, layer);
    layer.maps.push(map);
    layer.spikes.push(spikes);
  };
  const coded = costs?.some(({ reads }) => reads.some(({ layer }) => layer === inputSpikes));
  network.begin(begin);
  for (let t = 0; t < timesteps; t++) {
    const values = frame(t);
    network.step(values);
    if (costs === undefined) continue;
    steps.push(shown());
    for (const activity of network.activity()) note({ ...activity, map: activity.map.slice() });
    if (coded && values) note(inputActivity(values, network.size));
  }
  if (costs === undefined) return { labels: shown() };
  const views = [...layers].map(([name, layer]): LayerView => ({ name, ...layer }));
  const operations = countOperations(costs, views, timesteps);
  const { height, width, data } = steps.at(-1)!;
  return {
    labels: { height, width, data: data.slice() },
    detail: { steps, operations, layers: views.filter(({ name }) => name !== inputSpikes) },
  };
}

/** Encoded input as if neurons had sent it. */
function inputActivity(values: Float32Array, [height, width]: readonly [number, number]) {
  const pixels = height * width;
  const map = new Float32Array(pixels);
  for (let i = 0; i < values.length; i++) map[i % pixels]! += Math.abs(values[i]!);
  const shape = [values.length / pixels, height, width] as const;
  return { name: inputSpikes, shape, map, spikes: map.reduce((a, b) => a + b, 0) };
}

/** The part of a map of classes that shows the picture. */
function cut(
  labels: Uint8Array,
  [, width]: readonly [number, number],
  [top, left, rows, columns]: Prepared["region"],
): Labels {
  const data = new Uint8Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    const from = (top + y) * width + left;
    data.set(labels.subarray(from, from + columns), y * columns);
  }
  return { height: rows, width: columns, data };
}
