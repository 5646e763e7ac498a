/** One point of a sweep: a training step or inference at one size, in memory that is watched. */
import { narrow, scope, type Tensor } from "../engine/index.js";
import type { LayerSpikes } from "../models/index.js";
import { densities, forceDensity } from "./force-density.js";
import { interleave } from "./interleave.js";
import type { MemoryLimit } from "./memory-limit.js";
import { inferencePair, trainingPair } from "./pairs.js";
import type { Figures, ScaleWork } from "./scale-point.js";
import type { SweepPoint } from "./sweeps.js";
import { openWorkload, spikingNetwork, type WorkloadOptions } from "./workload.js";

/** Spikes are forced on a corner of one image; the rest is alike. */
const forcedSide = 64;
const defaultDensity = 0.1;

export interface PointOptions extends Pick<WorkloadOptions, "arch" | "precision"> {
  readonly work: ScaleWork;
  readonly limits: Readonly<Record<"ours" | "twin", MemoryLimit>>;
  readonly rounds: number;
  /** Spikes per neuron and timestep; the first counts (default 10 %). */
  readonly density: readonly number[];
}

const nothing: Figures = { ours: undefined, twin: undefined, density: undefined };

/** Times ours and the twin at one size, each where it should fit its limit, which learns from it. */
export async function measurePoint(
  { size }: SweepPoint,
  { work, limits, rounds, density: [density = defaultDensity], ...options }: PointOptions,
): Promise<Figures> {
  const pixels = size.timesteps * size.batchSize * size.imgSize[0] * size.imgSize[1];
  const allowed = { ours: limits.ours.allows(pixels), twin: limits.twin.allows(pixels) };
  if (!allowed.ours && !allowed.twin) return nothing;
  await using workload = await openWorkload({ ...options, ...size, model: "snn" });
  const model = spikingNetwork(workload);
  return scope("point", () => {
    const input = workload.encode();
    forceDensity(model, corner(input), density);
    using pair =
      work === "step" ? trainingPair(workload, input) : inferencePair({ model, precision: "fast" }, input);
    let activity: readonly LayerSpikes[] = [];
    const ours = () => {
      activity = pair.ours();
    };
    const ways: Record<string, () => unknown> = {};
    if (allowed.twin) ways.twin = pair.twin;
    if (allowed.ours) ways.ours = ours;
    const measured = interleave(ways, rounds);
    for (const way of ["ours", "twin"] as const) {
      const one = measured[way];
      if (one) limits[way].learn(pixels, one.peakBytes);
    }
    const layers = Object.values(densities(activity, size.batchSize));
    const sum = layers.reduce((total, share) => total + share, 0);
    return {
      ours: measured.ours,
      twin: measured.twin,
      density: layers.length > 0 ? sum / layers.length : undefined,
    };
  });
}

/** `[T, N, C, H, W]` → `[T, 1, C, h, w]` */
function corner(frames: Tensor): Tensor {
  const [, , , height = 0, width = 0] = frames.shape;
  const rows = narrow(narrow(frames, 1, 0, 1), 3, 0, Math.min(height, forcedSide));
  return narrow(rows, 4, 0, Math.min(width, forcedSide));
}
