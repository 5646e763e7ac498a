/** How a run's scores fall as data or network are disturbed. */
import {
  type DisturbanceKind,
  type DisturbedScores,
  disturbances,
  disturbedResult,
  isRandom,
  type RobustnessCurve,
  robustnessCurve,
} from "../../analysis/index.js";
import { holdsEvents } from "../../config/index.js";
import { OptionError } from "../../errors.js";
import { type ComputePrecision, Forward } from "../../inference/index.js";
import type { ImageCounts } from "../../metrics/index.js";
import { derive } from "../../random/index.js";
import { resultOf } from "../../training/index.js";
import { type Listener, stageOf } from "../listener.js";
import { resultWarnings, type TrainedRun } from "../trained-run.js";

/** One kind of disturbance, at several strengths. */
export type Sweep = {
  /** What is disturbed. */
  readonly kind: DisturbanceKind;
  /** In the kind's unit, rising; one that changes nothing is always added. */
  readonly strengths: readonly number[];
};

/** What one run's sweep is stored as. */
export type RunRobustness = {
  /** The checkpoint's file. */
  readonly checkpoint: string;
  /** Name of the split that was scored. */
  readonly split: string;
  /** Examples scored at each strength. */
  readonly examples: number;
  /** Repetitions of random noise. */
  readonly seeds: number;
  /** What was really computed in. */
  readonly precision: ComputePrecision;
  /** Without disturbance. */
  readonly meanIoU: number;
  /** One a sweep, in their order. */
  readonly curves: readonly (RobustnessCurve & {
    /** What strengths are measured in. */
    readonly unit: string;
  })[];
};

/** What is disturbed, how often, and who listens. */
export interface SweepOptions {
  /** What to disturb (default: usual noise of pictures or of events). */
  readonly sweeps?: readonly Sweep[] | undefined;
  /** Repetitions of random noise (default 3). */
  readonly seeds?: number;
  /** Of a spiking network (default `fp32`). */
  readonly precision?: ComputePrecision | undefined;
  /** Stops between two batches by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Hears of every strength, and of sweeps that are left out. */
  readonly listener?: Listener;
}

const usual: readonly Sweep[] = [
  { kind: "salt-and-pepper", strengths: [0.02, 0.05, 0.1, 0.2] },
  { kind: "gaussian", strengths: [10, 20, 40, 80] },
  { kind: "blur", strengths: [0.5, 1, 2] },
];
const usualForEvents: readonly Sweep[] = [
  { kind: "event-drop", strengths: [0.1, 0.25, 0.5, 0.75] },
  { kind: "event-spurious", strengths: [0.01, 0.02, 0.05, 0.1] },
];

/**
 * Scores a run under every strength, with 95 % intervals over images.
 *
 * @param run - of {@link openTrainedRun}; stays open, and is undisturbed afterwards
 * @param options - sweeps, repetitions, precision, and who listens
 * @throws OptionError if only what neurons have is to be disturbed, of an ANN
 * @example
 * // not run: needs a run folder
 * import { openTrainedRun, saveRobustness, sweepRobustness } from "snnseg/runs";
 *
 * const run = await openTrainedRun("runs/my-snn");
 * const result = await sweepRobustness(run, { sweeps: [{ kind: "gaussian", strengths: [10, 20, 40] }] });
 * for (const { strength, meanIoU } of result.curves[0]?.points ?? []) console.log(strength, meanIoU);
 * await saveRobustness(result);
 * await run[Symbol.asyncDispose]();
 */
export async function sweepRobustness(
  run: TrainedRun,
  { sweeps: asked, seeds: times = 3, precision = "fp32", signal, listener = {} }: SweepOptions = {},
): Promise<RunRobustness> {
  const { dataset } = run.loader;
  const sweeps = possibleSweeps(run, { asked, listener });
  const repetitions = ({ kind }: Sweep) => (isRandom(kind) ? times : 1);
  const disturbed = ({ kind, strengths }: Sweep) =>
    strengths.filter((strength) => strength !== neutralStrength(run, kind));
  const total = 1 + sweeps.reduce((sum, sweep) => sum + disturbed(sweep).length * repetitions(sweep), 0);
  const stage = stageOf(listener, { label: run.file, total, unit: "images" });
  const spiking = run.model.config.kind === "snn";
  const warn = (message: string) => listener.warn?.(message);
  using computing = new Forward(run.model, { precision: spiking ? precision : "fp32", warn });
  const forward = computing.precision === "fp32" ? undefined : computing;
  const score = async (kind: DisturbanceKind, strength: number, seed: number) => {
    const result = await disturbedResult(run, { kind, strength, seed, signal, forward });
    stage.step(result.counts.length, `${kind} ${strength}`);
    return result;
  };
  const options = { numClasses: dataset.classes.length, seed: run.seed };
  const { counts: clean, evaluation } = await score("blur", 0, run.seed);
  const curves = [];
  for (const sweep of sweeps) {
    const scores: DisturbedScores[] = [];
    for (const strength of disturbed(sweep)) {
      const seeds: (readonly ImageCounts[])[] = [];
      for (let n = 0; n < repetitions(sweep); n++) {
        seeds.push((await score(sweep.kind, strength, derive(run.seed, "robustness", n))).counts);
      }
      scores.push({ strength, seeds });
    }
    const undisturbed = { strength: neutralStrength(run, sweep.kind), seeds: [clean] };
    const curve = robustnessCurve(sweep.kind, [undisturbed, ...scores], options);
    curves.push({ ...curve, unit: disturbances[sweep.kind] });
  }
  stage.end();
  const { split } = dataset;
  for (const warning of resultWarnings(run, resultOf(evaluation, { epoch: run.meta.epoch, split }))) {
    warn(warning);
  }
  const { meanIoU } = robustnessCurve("", [{ strength: 0, seeds: [clean] }], options).points[0]!;
  const about = { checkpoint: run.file, split, examples: clean.length, seeds: times };
  return { ...about, precision: computing.precision, meanIoU, curves };
}

function possibleSweeps(
  { file, model, config }: TrainedRun,
  { asked, listener }: { readonly asked: readonly Sweep[] | undefined; readonly listener: Listener },
): readonly Sweep[] {
  const wanted = asked ?? (holdsEvents(config) ? usualForEvents : usual);
  const isPossible = ({ kind }: Sweep) =>
    model.config.kind === "snn" || (kind !== "threshold" && kind !== "leak");
  if (!wanted.some(isPossible)) {
    throw new OptionError(
      `robustness ${file}: expected a spiking network for threshold and leak, received an ANN; leave it out`,
    );
  }
  for (const { kind } of wanted.filter((sweep) => !isPossible(sweep))) {
    listener.warn?.(`--noise ${kind}: left out for ${file}, an ANN, whose neurons have none`);
  }
  return wanted.filter(isPossible);
}

/** The strength that changes nothing. */
function neutralStrength({ model }: TrainedRun, kind: DisturbanceKind): number {
  if (kind === "threshold") return 1;
  return kind === "leak" && model.config.kind === "snn" ? model.config.leak : 0;
}
