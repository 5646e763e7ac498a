/** `snnseg bench scale`: how time and memory grow with timesteps, batch, image side and threads. */
import {
  densities,
  type Figures,
  forceDensity,
  inferencePair,
  interleave,
  type MeasuredPair,
  MemoryLimit,
  machine,
  openWorkload,
  type ScalePoint,
  type ScaleWork,
  type Sweep,
  type SweepPoint,
  scaleWorks,
  sweepPoints,
  totalOf,
  trainingPair,
  writeScaleCharts,
} from "../../benchmarks/index.js";
import { narrow, scope, type Tensor } from "../../engine/index.js";
import { engineWords } from "../../environment/index.js";
import { type LayerSpikes, SnnModel } from "../../models/index.js";
import { computingOf } from "../../training/index.js";
import type { Terminal } from "../terminal/terminal.js";
import type { StepOptions } from "./bench-options.js";
import { scaleLines } from "./scale-lines.js";

/** Spikes are forced on a corner of one image; the rest is alike. */
const forcedSide = 64;
const defaultDensity = 0.1;

export type ScaleOptions = Omit<StepOptions, "model" | "run"> & {
  readonly work?: ScaleWork;
  readonly sweep: readonly Sweep[];
  readonly limitGb: number;
  readonly output?: string;
};

const nothing: Figures = { ours: undefined, twin: undefined, density: undefined };

type Limits = Record<"ours" | "twin", MemoryLimit>;

export async function benchScale(options: ScaleOptions, terminal: Terminal): Promise<void> {
  const { arch, timesteps, batchSize, imgSize, threads, rounds, limitGb } = options;
  const works = options.work === undefined ? scaleWorks : [options.work];
  const plan = sweepPoints(options);
  const total = works.length * plan.length;
  const stage = terminal.stage({ label: "bench scale", total, unit: "points" });
  const points: ScalePoint[] = [];
  for (const work of works) {
    const limits = { ours: new MemoryLimit(limitGb * 2 ** 30), twin: new MemoryLimit(limitGb * 2 ** 30) };
    // Sweeps meet in the size that the options give.
    const measured = new Map<string, Figures>();
    for (const point of plan) {
      const key = JSON.stringify(point.size);
      const figures = measured.get(key) ?? (await measure(point, { work, options, limits }));
      measured.set(key, figures);
      points.push({ work, ...point, ...figures });
      stage.step(1, `${work}, ${point.sweep} ${point.value}`);
    }
  }
  stage.end();
  const { precision } = computingOf({ device: "cpu", precision: options.precision, model: "snn" });
  terminal.print(
    `${arch}, T = ${timesteps}, batch ${batchSize}, ${imgSize.join("x")}, ${threads} threads but for what is swept; ` +
      `step ${precision}, infer fast; ${engineWords()}; medians of ${rounds}; –: more than ${limitGb} GB of tensors`,
  );
  terminal.print(scaleLines(points));
  if (options.output !== undefined) {
    await writeScaleCharts(options.output, points);
    terminal.print(`plot ${options.output}`);
  }
  terminal.result({
    ...{ benchmark: "scale", arch, timesteps, batchSize, imgSize, threads, precision, rounds, limitGb },
    ...{ ...totalOf(points.filter(hasBoth)), points, plot: options.output, ...machine() },
  });
}

function hasBoth(point: ScalePoint): point is ScalePoint & MeasuredPair {
  return point.ours !== undefined && point.twin !== undefined;
}

async function measure(
  { size }: SweepPoint,
  {
    work,
    options,
    limits,
  }: { readonly work: ScaleWork; readonly options: ScaleOptions; readonly limits: Limits },
): Promise<Figures> {
  const pixels = size.timesteps * size.batchSize * size.imgSize[0] * size.imgSize[1];
  const allowed = { ours: limits.ours.allows(pixels), twin: limits.twin.allows(pixels) };
  if (!allowed.ours && !allowed.twin) return nothing;
  await using workload = await openWorkload({ ...options, ...size, model: "snn" });
  const { model } = workload;
  if (!(model instanceof SnnModel)) throw new TypeError("expected a spiking network");
  return scope("point", () => {
    const input = workload.encode();
    forceDensity(model, corner(input), options.density[0] ?? defaultDensity);
    using pair =
      work === "step" ? trainingPair(workload, input) : inferencePair({ model, precision: "fast" }, input);
    let activity: readonly LayerSpikes[] = [];
    const ours = () => {
      activity = pair.ours();
    };
    const ways: Record<string, () => unknown> = {};
    if (allowed.twin) ways.twin = pair.twin;
    if (allowed.ours) ways.ours = ours;
    const measured = interleave(ways, options.rounds);
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
