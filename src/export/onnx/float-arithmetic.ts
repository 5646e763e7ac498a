/** All in float32. */
import { affine } from "./affine.js";
import type { Arithmetic, GraphPlace } from "./arithmetic.js";
import { convolution } from "./convolution.js";
import { joins, pooled } from "./maps.js";
import { activated } from "./neurons.js";

export function floatArithmetic({ graph, timing, network }: GraphPlace): Arithmetic {
  const { activations, convolutions } = network;
  return {
    conv({ signal, stride }, layer) {
      const { name, outputs: channels } = layer;
      const folded = convolutions.get(name)!;
      const raw = signal.map((x) => convolution(graph, x, { name, folded, shape: layer }));
      const current = affine(raw, folded, { name, channels, graph, timing });
      const size = { channels, stride: stride * layer.stride };
      const place = { graph, timing, map: { name, ...size } };
      return { signal: layer.fires ? activated(current, activations.get(name)!, place) : current, ...size };
    },
    fire: ({ signal, ...size }, { name }) => ({
      signal: activated(signal, activations.get(name)!, { graph, timing, map: { name, ...size } }),
      ...size,
    }),
    pool: ({ signal, channels, stride }, layer) => ({
      signal: signal.map((x) => pooled(graph, x, layer)),
      ...{ channels, stride: stride * layer.stride },
    }),
    join: (below, kept, { name, by, outputs }) => ({
      signal: joins[by](graph, below.signal, kept.signal, name),
      ...{ channels: outputs, stride: kept.stride },
    }),
    values: (map) => map,
    summable: ({ signal }) => signal,
    scores(x, { name, node = name, share }) {
      const part = share === undefined ? x : graph.node("Mul", [x, share], { name: `${node}.mean` });
      return convolution(graph, part, { name, node, folded: convolutions.get(name)! });
    },
  };
}
