/** The output, which sums up over time and never fires: as it is linear, what it reads is summed first and convolved once. */
import type { FoldedConv, FoldedNetwork } from "../folded-network.js";
import { convolution, upsampling } from "./convolution.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { resized } from "./maps.js";
import { activated } from "./neurons.js";
import type { Signal } from "./signal.js";
import type { Timing } from "./timing.js";

/** A map with its size as a share of the image's. */
export interface PlacedSignal {
  readonly signal: Signal;
  readonly channels: number;
  readonly stride: number;
}

/** A value with its size, likewise. */
export interface PlacedValue {
  readonly value: Value;
  readonly stride: number;
}

interface Place {
  readonly graph: GraphBuilder;
  readonly timing: Timing;
  readonly network: FoldedNetwork;
}

/** Scores of a 1x1 output, which divides by the timesteps. */
export function outputScores(
  { signal, channels, stride }: PlacedSignal,
  { graph, timing, network }: Place,
): PlacedValue {
  const { name } = network.plan.output!;
  const sum = timing.sum({ name: "output", channels, stride }, signal);
  const { seen } = timing;
  const share =
    typeof seen === "number"
      ? graph.scalar(1 / seen)
      : graph.node("Reciprocal", [seen], { name: "output.share" });
  const mean = seen === 1 ? sum : graph.node("Mul", [sum, share], { name: "output.mean" });
  const folded = network.convolutions.get(name)!;
  const scores = convolution(graph, mean, { name, folded });
  return { value: biased(graph, scores, { name, folded, times: 1 }), stride };
}

/** Scores of the decoder of FCN, from what each skip reads. */
export function decoderScores(skips: ReadonlyMap<string, PlacedSignal>, place: Place): PlacedValue {
  const { graph, timing, network } = place;
  const { convolutions, activations } = network;
  const { deepest, stages } = network.plan.decoder!;
  const numbers = (name: string) => convolutions.get(name)!;
  const scoresOf = (name: string) => {
    const folded = numbers(name);
    const { signal } = skips.get(name)!;
    return signal
      .map((x) => convolution(graph, x, { name, folded }))
      .map((x) => biased(graph, x, { name, folded, times: 1 }));
  };
  const summed = (name: string) => {
    const { signal, ...map } = skips.get(name)!;
    const folded = numbers(name);
    const scores = convolution(graph, timing.sum({ name, ...map }, signal), {
      name: `${name}.summed`,
      folded: folded,
    });
    return biased(graph, scores, { name, folded, times: timing.seen });
  };
  const raised = (x: Value, upsampler: string, like: Value) => {
    const up = upsampling(graph, x, { name: upsampler, folded: numbers(upsampler) });
    return resized(graph, up, { name: `${upsampler}.resized`, like, alignCorners: true });
  };
  const firing = stages.filter(({ name }) => activations.has(name));
  let below: Value;
  if (firing.length === 0) below = summed(deepest);
  else {
    let x = scoresOf(deepest);
    for (const { name, upsampler, skip } of firing) {
      const current = x.with(scoresOf(skip), (y, scores) =>
        graph.node("Add", [raised(y, upsampler, scores), scores], { name: `${name}.current` }),
      );
      const map = { name, channels: network.plan.numClasses, stride: skips.get(skip)!.stride };
      x = activated(current, activations.get(name)!, { graph, timing, map });
    }
    const { skip } = firing.at(-1)!;
    below = timing.sum(
      { name: "decoder", channels: network.plan.numClasses, stride: skips.get(skip)!.stride },
      x,
    );
  }
  let stride = skips.get(firing.at(-1)?.skip ?? deepest)!.stride;
  for (const { name, upsampler, skip } of stages.slice(firing.length)) {
    const scores = summed(skip);
    below = graph.node("Add", [raised(below, upsampler, scores), scores], { name: `${name}.scores` });
    stride = skips.get(skip)!.stride;
  }
  return { value: below, stride };
}

/** Adds a bias for each timestep that was summed up. */
function biased(
  graph: GraphBuilder,
  x: Value,
  {
    name,
    folded: { shift, shape },
    times,
  }: { readonly name: string; readonly folded: FoldedConv; readonly times: number | Value },
): Value {
  if (shift === undefined) return x;
  const rows = [shape[0]!, 1, 1];
  if (typeof times === "number") {
    const total = times === 1 ? shift : shift.map((value) => value * times);
    return graph.node("Add", [x, graph.constant(`${name}.bias*${times}`, total, rows)], {
      name: `${name}.biased`,
    });
  }
  const bias = graph.constant(`${name}.bias`, shift, rows);
  const total = graph.node("Mul", [bias, times], { name: `${name}.biases` });
  return graph.node("Add", [x, total], { name: `${name}.biased` });
}
