/** All timesteps in one graph. */
import type { Value } from "./graph-builder.js";
import { Signal } from "./signal.js";
import type { Timing, TimingParts } from "./timing.js";

/**
 * The form whose input is an image `[N, C, H, W]` for all timesteps, or frames `[T, N, C, H, W]` where they differ.
 */
export function foldedTiming({ graph, network, encoding, size }: TimingParts): Timing {
  const { plan, timesteps: steps } = network;
  const map = [plan.inputChannels, size?.[0] ?? "H", size?.[1] ?? "W"];
  const [image, input] = encoding === "direct" ? constantInput() : framesInput();
  return {
    ...{ steps, image, input, carries: false, seen: steps },
    row: (name, rows, channels) => (t) => {
      const row = rows.slice(t * channels, (t + 1) * channels);
      return graph.constant(`${name}[${t}]`, row, [channels, 1, 1]);
    },
    begin: (_, initial) => initial,
    end: () => undefined,
    sum: ({ name }, signal) =>
      steps === 1 ? signal.value : graph.node("Sum", signal.parts, { name: `${name}.sum` }),
  };

  function constantInput(): [Value, Signal] {
    const image = graph.input("image", ["N", ...map]);
    return [image, Signal.constant(graph, steps, image)];
  }

  function framesInput(): [Value, Signal] {
    const frames = graph.input("frames", [steps, "N", ...map]);
    const rest = graph.node("Shape", [frames], { name: "frames.map", attributes: { start: 2 } });
    const shape = graph.node("Concat", [graph.integers([-1]), rest], {
      name: "frames.shape",
      attributes: { axis: 0 },
    });
    const image = graph.node("Reshape", [frames, shape], { name: "frames.all" }); // [T·N, C, H, W]
    return [image, Signal.folded(graph, steps, image)];
  }
}
