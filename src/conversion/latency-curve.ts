/** How good a spiking network's answer is after 1, 2, 4 … timesteps: one pass over the data, membranes kept. */
import { checkInteger } from "../checks/index.js";
import { argmax, noGrad, scope, toDType } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { ConfusionMatrix, type Scores, scoresOf } from "../metrics/index.js";
import {
  copyModel,
  type FrameSource,
  mostSteps,
  runFrames,
  type SnnModel,
  SpikingState,
} from "../models/index.js";

/** A labelled batch of {@link latencyCurve}. */
export interface LatencyBatch {
  /** What the network is fed; must give as many timesteps as the last point. */
  readonly frames: FrameSource;
  /** Height and width of the answer. */
  readonly size: readonly [number, number];
  /** Class ids `[N, H, W]`, 255 for void. */
  readonly labels: Uint8Array;
  /** N. */
  readonly examples: number;
}

/** How good the answer is after so many timesteps. */
export interface LatencyPoint {
  /** Timesteps that have run, at least 1. */
  readonly timesteps: number;
  /** Of all examples. */
  readonly scores: Scores;
  /** Spikes of all layers up to this timestep. */
  readonly spikesPerExample: number;
}

/**
 * 1, 2, 4 … up to `bound`, which is the last one in any case.
 *
 * @param bound - the last number of timesteps
 * @throws OptionError unless it is an integer of 1 or more
 */
export function doublingTimesteps(bound: number): number[] {
  checkInteger("doublingTimesteps", "bound", bound);
  const points: number[] = [];
  for (let t = 1; t < bound; t *= 2) points.push(t);
  return [...points, bound];
}

/**
 * Scores after each of `points` timesteps.
 *
 * @param model - stays in evaluation mode
 * @param batches - each runs once, its membranes carried from point to point
 * @param options - `points`: ascending, at most the network's timesteps; `onBatch`: told how many examples were scored
 * @throws OptionError unless the points are ascending integers from 1 to the network's timesteps
 */
export async function latencyCurve(
  model: SnnModel,
  batches: AsyncIterable<LatencyBatch> | Iterable<LatencyBatch>,
  { points, onBatch }: { readonly points: readonly number[]; readonly onBatch?: (examples: number) => void },
): Promise<LatencyPoint[]> {
  checkPoints(points, model.config.timesteps);
  const tallies = points.map(() => ({ matrix: new ConfusionMatrix(model.config.numClasses), spikes: 0 }));
  let examples = 0;
  model.setTraining(false);
  for await (const batch of batches) {
    let spikes = 0;
    using state = new SpikingState();
    for (const [index, point] of points.entries()) {
      for (const layer of runFrames(model, batch.frames, { state, timesteps: point })) {
        spikes += layer.spikes.reduce((a, b) => a + b, 0);
      }
      const tally = tallies[index]!;
      tally.matrix.add(batch.labels, answer(model, batch, state));
      tally.spikes += spikes;
    }
    examples += batch.examples;
    onBatch?.(batch.examples);
  }
  return tallies.map(({ matrix, spikes }, index) => ({
    timesteps: points[index]!,
    scores: scoresOf(matrix),
    spikesPerExample: spikes / Math.max(1, examples),
  }));
}

/**
 * The same network for runs of another length; the caller disposes it.
 *
 * @param model - without batch norm that knows its timesteps; read, never written
 * @param timesteps - of the copy
 * @throws OptionError if the network has such batch norm
 */
export function withTimesteps(model: SnnModel, timesteps: number): SnnModel {
  if (Number.isFinite(mostSteps(model.config))) {
    throw new OptionError(
      "latency curve: expected a network whose batch norm holds at any timestep, or without, received one with batch norm " +
        "through time; its statistics end with its timesteps",
    );
  }
  return copyModel(model, { timesteps }) as SnnModel;
}

function answer(model: SnnModel, { size }: LatencyBatch, state: SpikingState): Uint8Array {
  return scope("answer", () =>
    noGrad(() => toDType(argmax(model.readOut(state, size), 1), "uint8").toArray()),
  ) as Uint8Array;
}

function checkPoints(points: readonly number[], timesteps: number): void {
  const ascending = points.every((point, i) => Number.isInteger(point) && point > (points[i - 1] ?? 0));
  if (points.length > 0 && ascending && points.at(-1)! <= timesteps) return;
  throw new OptionError(
    `latency curve: expected ascending timesteps from 1 to ${timesteps}, received ${points.join(", ")}`,
  );
}
