/** What the neurons send: a heat map for each layer and timestep, and how often they fire. */
import { byId, drawPixels, element, short } from "./elements.js";
import type { LayerView } from "./messages.js";

const tiles = byId("layer-tiles", HTMLElement);
const note = byId("neurons-note", HTMLElement);

/** From silent to the layer's highest: dark violet, purple, orange, pale yellow. */
const ramp = [
  [13, 8, 35],
  [120, 28, 109],
  [237, 105, 37],
  [252, 255, 164],
] as const;

/** @param layers - from the input on; nothing is drawn while the part is closed */
export function showNeurons(layers: readonly LayerView[]): void {
  const neurons = sum(layers.map(({ shape: [c, h, w] }) => c * h * w));
  const spikes = sum(layers.flatMap((layer) => layer.spikes));
  const timesteps = layers[0]?.spikes.length ?? 1;
  const each = timesteps === 1 ? "neuron" : "neuron and timestep";
  note.textContent = `${short(neurons)} neurons sent ${short(spikes)} spikes: ${short(spikes / (neurons * timesteps))} a ${each}. Bright places of a map send the most of that layer.`;
  if (tiles.children.length !== layers.length) tiles.replaceChildren(...layers.map(tileOf));
  for (const [i, layer] of layers.entries()) drawTile(tiles.children[i]!, layer);
}

function tileOf({ name, maps }: LayerView): HTMLElement {
  const canvases = maps.map(() => element("canvas", { role: "img" }));
  const shown = [element("b", {}, name), element("span"), element("span")];
  const caption = element("figcaption", {}, ...shown);
  const tile = element("figure", {}, element("div", { class: "maps" }, ...canvases), caption);
  tile.classList.toggle("several", maps.length > 1);
  return tile;
}

function drawTile(tile: Element, { name, shape: [channels, height, width], maps, spikes }: LayerView): void {
  const row = tile.querySelector(".maps")!;
  while (row.children.length > maps.length) row.lastElementChild!.remove();
  while (row.children.length < maps.length) row.append(element("canvas", { role: "img" }));
  tile.classList.toggle("several", maps.length > 1);
  const most = Math.max(1e-9, ...maps.map((map) => map.reduce((a, b) => Math.max(a, b), 0)));
  const neurons = channels * height * width;
  for (const [t, map] of maps.entries()) {
    const canvas = row.children[t] as HTMLCanvasElement;
    drawHeat(canvas, { width, height, map, most });
    canvas.setAttribute(
      "aria-label",
      `${name}, timestep ${t + 1}: ${short(spikes[t]! / neurons)} spikes a neuron`,
    );
  }
  const rate = sum(spikes) / (neurons * maps.length);
  const [sent, size] = tile.querySelectorAll("span");
  sent!.textContent = `${short(rate)} a neuron`;
  size!.textContent = `${channels} × ${height} × ${width}`;
}

function drawHeat(
  canvas: HTMLCanvasElement,
  { width, height, map, most }: { width: number; height: number; map: Float32Array; most: number },
): void {
  drawPixels(canvas, { width, height }, (rgba) => {
    for (let i = 0; i < map.length; i++) {
      const place = Math.min(0.9999, map[i]! / most) * (ramp.length - 1);
      const [low, high] = [ramp[Math.floor(place)]!, ramp[Math.floor(place) + 1]!];
      const share = place - Math.floor(place);
      for (let c = 0; c < 3; c++) rgba[4 * i + c] = low[c]! + share * (high[c]! - low[c]!);
      rgba[4 * i + 3] = 255;
    }
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
