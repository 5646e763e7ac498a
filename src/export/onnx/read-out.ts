/** The output, which sums up over time and never fires: as it is linear, what it reads is summed first and convolved once. */
import type { PlannedStage } from "../../models/index.js";
import type { FoldedConv } from "../folded-network.js";
import type { Arithmetic, GraphPlace } from "./arithmetic.js";
import { upsampling } from "./convolution.js";
import type { GraphBuilder, Value } from "./graph-builder.js";
import { resized } from "./maps.js";
import { activated } from "./neurons.js";
import type { PlacedMap } from "./placed-map.js";

/** A value, and its size as a share of the image's. */
interface PlacedValue {
  readonly value: Value;
  readonly stride: number;
}

/** Scores of a 1x1 output, which divides by the timesteps. */
export function outputScores(
  map: PlacedMap,
  { graph, timing, network }: GraphPlace,
  arithmetic: Arithmetic,
): PlacedValue {
  const { name } = network.plan.output!;
  const { channels, stride } = map;
  const sum = timing.sum({ name: "output", channels, stride }, arithmetic.summable(map));
  const { seen } = timing;
  const share = () =>
    typeof seen === "number"
      ? graph.scalar(1 / seen)
      : graph.node("Reciprocal", [seen], { name: "output.share" });
  const scores = arithmetic.scores(sum, { map, name, ...(seen !== 1 && { share: share() }) });
  return {
    value: biased(graph, scores, { name, folded: network.convolutions.get(name)!, times: 1 }),
    stride,
  };
}

/** Scores of the decoder of FCN, from what each skip reads. */
export function decoderScores(
  skips: ReadonlyMap<string, PlacedMap>,
  { graph, timing, network }: GraphPlace,
  arithmetic: Arithmetic,
): PlacedValue {
  const { convolutions, activations, plan } = network;
  const { deepest, stages } = plan.decoder!;
  const strideOf = (skip: string) => skips.get(skip)!.stride;
  const scoresAt = (skip: string, x: Value, times: number | Value, node = skip) => {
    const scores = arithmetic.scores(x, { map: skips.get(skip)!, name: skip, node });
    return biased(graph, scores, { name: skip, folded: convolutions.get(skip)!, times });
  };
  const eachStep = (skip: string) => arithmetic.summable(skips.get(skip)!).map((x) => scoresAt(skip, x, 1));
  const summed = (skip: string) => {
    const { channels, stride } = skips.get(skip)!;
    const sum = timing.sum({ name: skip, channels, stride }, arithmetic.summable(skips.get(skip)!));
    return scoresAt(skip, sum, timing.seen, `${skip}.summed`);
  };
  const raised = (x: Value, { upsampler: name }: PlannedStage, scores: Value) => {
    const up = upsampling(graph, x, { name, folded: convolutions.get(name)! });
    const like = resized(graph, up, { name: `${name}.resized`, like: scores, alignCorners: true });
    return graph.node("Add", [like, scores], { name: `${name}.joined` });
  };
  const firing = stages.filter(({ name }) => activations.has(name));
  const integrating = stages.slice(firing.length);
  let below = firing.length === 0 ? summed(deepest) : fromFiring();
  for (const stage of integrating) below = raised(below, stage, summed(stage.skip));
  return { value: below, stride: strideOf(stages.at(-1)?.skip ?? deepest) };

  /** Spikes over time of the last stage that fires. */
  function fromFiring(): Value {
    let x = eachStep(deepest);
    for (const stage of firing) {
      const { name, skip } = stage;
      const current = x.with(eachStep(skip), (y, scores) => raised(y, stage, scores));
      const map = { name, channels: plan.numClasses, stride: strideOf(skip) };
      x = activated(current, activations.get(name)!, { graph, timing, map });
    }
    const { skip } = firing.at(-1)!;
    return timing.sum({ name: "decoder", channels: plan.numClasses, stride: strideOf(skip) }, x);
  }
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
  const add = (bias: Value) => graph.node("Add", [x, bias], { name: `${name}.biased` });
  if (typeof times !== "number") {
    const bias = graph.constant(`${name}.bias`, shift, rows);
    return add(graph.node("Mul", [bias, times], { name: `${name}.biases` }));
  }
  const total = shift.map((value) => value * times);
  return add(graph.constant(times === 1 ? `${name}.bias` : `${name}.bias*${times}`, total, rows));
}
