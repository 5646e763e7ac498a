/** The hidden layers of a spiking network over a chunk of timesteps. */
import {
  avgPool2d,
  channelsLast,
  concat,
  expand,
  flatten,
  scope,
  splitFirst,
  type Tensor,
  unsqueeze,
  zeros,
} from "../../engine/index.js";
import { joinMaps } from "../plan/index.js";
import type { ForwardObserver } from "../segmentation-model.js";
import type { Fire } from "./fire.js";
import { currentOf, perStep } from "./slots.js";
import type { Part } from "./snn-parts.js";

/** A chunk's place in time: steps with input, and steps without it behind them. */
export interface ChunkSteps {
  readonly input: number;
  readonly extra: number;
  /** Timestep that it begins with, from 0. */
  readonly first: number;
  /** Steps that batch norm covers. */
  readonly normalized: number;
}

/** What came out of the hidden layers, `[T', N, C, H, W]` each. */
export interface Features {
  readonly last: Tensor;
  /** What each skip reads, by its name. */
  readonly skips: ReadonlyMap<string, Tensor>;
}

/**
 * Runs the layers; convolutions see time folded into the batch.
 *
 * @param input - `[T', N, C, H, W]`, or `[N, C, H, W]` for a constant input, which is convolved once
 */
export function spikingFeatures(
  layers: readonly Part[],
  input: Tensor,
  {
    steps,
    fire,
    observer,
  }: {
    readonly steps: ChunkSteps;
    readonly fire: Fire;
    readonly observer: ForwardObserver | undefined;
  },
): Features {
  const constant = input.shape.length === 4;
  const total = steps.input + steps.extra;
  const skips = new Map<string, Tensor>();
  const kept = new Map<string, Tensor>();
  let x = firstInput(input, steps);
  let first = true;
  for (const part of layers) {
    // A constant input was observed in the first chunk.
    if ("conv" in part && !(first && constant && steps.first > 0)) observer?.input?.(part.name, x);
    if (part.kind === "skip") {
      skips.set(part.name, x);
      kept.set(part.name, x);
      continue;
    }
    if (part.kind === "keep") {
      kept.set(part.label, x);
      continue;
    }
    const before = x;
    x = scope("layer", () => {
      if (part.kind === "pool") {
        const pooling = { kernelSize: 3, stride: part.stride, padding: 1 };
        return splitFirst(avgPool2d(flatten(perStep(before, total), 0, 1), pooling), total); // [T', N, C, H', W']
      }
      if (part.kind === "join") {
        return joined(before, kept.get(part.label)!, { total, part });
      }
      if (part.kind === "fire") return fire(part.name, part.lif, before);
      const current =
        first && constant ? repeat(part.conv.forward(before), steps) : currentOf(part.conv, before, total);
      if (part.lif) return fire(part.name, part.lif, current);
      const chunk = { firstStep: steps.first, normalizedSteps: steps.normalized };
      return part.norm?.forwardSteps(current, chunk) ?? current;
    });
    first = false;
    if (![...kept.values()].includes(before)) before.dispose();
  }
  return { last: x, skips };
}

/** Maps that are both in slots join slot by slot, currents with currents. */
function joined(
  x: Tensor,
  other: Tensor,
  { total, part }: { readonly total: number; readonly part: Extract<Part, { kind: "join" }> },
): Tensor {
  const alike = x.shape[0] === other.shape[0] || part.by === "size";
  const [a, b] = alike ? [x, other] : [perStep(x, total), perStep(other, total)];
  return splitFirst(joinMaps(flatten(a, 0, 1), flatten(b, 0, 1), part), a.shape[0]!);
}

function firstInput(input: Tensor, { input: steps, extra }: ChunkSteps): Tensor {
  if (input.shape.length === 4) return channelsLast(input);
  const [, batch = 0, ...rest] = input.shape;
  const padded =
    extra > 0 ? concat([input, zeros([extra, batch, ...rest], { device: input.device })]) : input;
  return splitFirst(channelsLast(flatten(padded, 0, 1)), steps + extra);
}

/** A constant current, then zeros: `[N, C, H, W]` → `[input + extra, N, C, H, W]`. */
function repeat(current: Tensor, { input, extra }: ChunkSteps): Tensor {
  const frames = expand(unsqueeze(current, 0), [input, ...current.shape]);
  return extra > 0 ? concat([frames, zeros([extra, ...current.shape], { device: current.device })]) : frames;
}
