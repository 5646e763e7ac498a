/** `snnseg bench scale`: how time and memory grow with timesteps, batch, image side and threads. */
import {
  type Figures,
  type MeasuredPair,
  MemoryLimit,
  machine,
  measurePoint,
  type ScalePoint,
  type ScaleWork,
  type Sweep,
  scaleWorks,
  sweepPoints,
  totalOf,
  writeScaleCharts,
} from "../../benchmarks/index.js";
import { engineWords } from "../../environment/index.js";
import { computingOf } from "../../training/index.js";
import type { Terminal } from "../terminal/terminal.js";
import type { StepOptions } from "./bench-options.js";
import { scaleLines } from "./scale-lines.js";

export type ScaleOptions = Omit<StepOptions, "model" | "run" | "device"> & {
  readonly work?: ScaleWork;
  readonly sweep: readonly Sweep[];
  readonly limitGb: number;
  readonly output?: string;
};

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
      const figures = measured.get(key) ?? (await measurePoint(point, { ...options, work, limits }));
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
