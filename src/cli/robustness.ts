/** `snnseg robustness`: how scores fall as data or network are disturbed, several runs side by side. */
import { dirname, join } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import {
  type DisturbanceKind,
  type DisturbedScores,
  disturbances,
  disturbedResult,
  isRandom,
  type RobustnessCurve,
  robustnessCurve,
} from "../analysis/index.js";
import { holdsEvents, type Layer } from "../config/index.js";
import type { Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { makeFoldersOf, writeFileAtomic } from "../files/index.js";
import type { ImageCounts } from "../metrics/index.js";
import { derive } from "../random/index.js";
import { csvOf } from "../tracking/index.js";
import { resultOf, runPath } from "../training/index.js";
import { addConfigFlags, givenFlags } from "./config-flags.js";
import type { CommandContext } from "./context.js";
import { formatTable } from "./format.js";
import { runFlags } from "./place-flags.js";
import { positiveInteger } from "./positive-integer.js";
import { type ComputePrecision, Forward, precisionOption } from "./precision.js";
import { Progress } from "./progress.js";
import { warnOf } from "./suspicion-warnings.js";
import type { Terminal } from "./terminal.js";
import { openTrainedRun, type TrainedRun, warnOfResult } from "./trained-run.js";

type Sweep = { readonly kind: DisturbanceKind; readonly strengths: readonly number[] };

type Words = {
  readonly noise?: readonly Sweep[];
  readonly seeds: number;
  readonly split?: string;
  readonly output?: string;
  readonly csv?: string;
  readonly precision?: ComputePrecision;
};

const usual: readonly Sweep[] = [
  { kind: "salt-and-pepper", strengths: [0.02, 0.05, 0.1, 0.2] },
  { kind: "gaussian", strengths: [10, 20, 40, 80] },
  { kind: "blur", strengths: [0.5, 1, 2] },
];
const usualForEvents: readonly Sweep[] = [
  { kind: "event-drop", strengths: [0.1, 0.25, 0.5, 0.75] },
  { kind: "event-spurious", strengths: [0.01, 0.02, 0.05, 0.1] },
];

/** Where no limit is given, every strength means something. */
const strongest: Partial<Record<DisturbanceKind, number>> = {
  ...{ "salt-and-pepper": 1, "event-drop": 1, "event-spurious": 1, leak: 1 },
  ...{ gaussian: 255, blur: 255, fgsm: 255, pgd: 255 },
};

/** What one run's sweep is stored as. */
export type RunRobustness = {
  readonly checkpoint: string;
  readonly split: string;
  readonly examples: number;
  readonly seeds: number;
  readonly precision: ComputePrecision;
  readonly meanIoU: number;
  readonly curves: readonly (RobustnessCurve & { readonly unit: string })[];
};

export function define(command: Command, context: CommandContext): void {
  const kinds = Object.entries(disturbances).map(([kind, unit]) => `${kind} (${unit})`);
  command
    .description(
      "Scores runs under growing noise, attacks or other thresholds, with 95 % intervals over images, and leaves " +
        `robustness.json in each run folder. Kinds: ${kinds.join(", ")}.`,
    )
    .argument(
      "<runs...>",
      "run folders, their numbers in snnseg runs, or checkpoint files, such as an SNN and its ANN twin",
    )
    .option("--noise <KIND=S,S,…>", "strengths of one kind; repeat for others", collectSweep)
    .option("--seeds <N>", "repetitions of random noise", positiveInteger, 3)
    .option("--split <NAME>", "split to score; the one that training scored unless given")
    .option("-o, --output <FILE>", "write all runs' curves as JSON")
    .option("--csv <FILE>", "write all runs' points as CSV")
    .addOption(precisionOption());
  addConfigFlags(command, runFlags).action(async (paths: string[], words: Words) => {
    if (command.getOptionValueSource("seeds") === "cli") checkSeeds(words);
    await sweepRuns(paths, { words, given: givenFlags(command, runFlags), context });
  });
}

async function sweepRuns(
  paths: readonly string[],
  {
    words,
    given,
    context,
  }: { readonly words: Words; readonly given: Layer; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const signal = context.interrupt();
  await makeFoldersOf(words.output, words.csv);
  const results: RunRobustness[] = [];
  for (const path of paths) {
    await using run = await openTrainedRun(await runPath(path), { given, split: words.split });
    warnOf([run.loader.dataset], terminal);
    const result = await sweepRun(run, { words, terminal, signal });
    results.push(result);
    await writeFileAtomic(robustnessFile(run.file), `${JSON.stringify(result, undefined, 2)}\n`);
  }
  terminal.print(robustnessLines(results));
  if (words.output !== undefined) {
    await writeFileAtomic(words.output, `${JSON.stringify(results, undefined, 2)}\n`);
  }
  if (words.csv !== undefined) await writeFileAtomic(words.csv, robustnessCsv(results));
  terminal.result({ runs: results });
}

/** @throws OptionError if nothing is drawn that could be repeated */
function checkSeeds({ noise }: Words): void {
  if (noise === undefined || noise.some(({ kind }) => isRandom(kind))) return;
  const kinds = noise.map(({ kind }) => kind).join(", ");
  throw new OptionError(
    `--seeds: expected random noise to repeat, received ${kinds} alone; leave --seeds out`,
  );
}

async function sweepRun(
  run: TrainedRun,
  {
    words,
    terminal,
    signal,
  }: { readonly words: Words; readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<RunRobustness> {
  const { dataset } = run.loader;
  const sweeps = (words.noise ?? (holdsEvents(run.config) ? usualForEvents : usual)).filter(
    ({ kind }) => run.model.config.kind === "snn" || (kind !== "threshold" && kind !== "leak"),
  );
  const leftOut = (words.noise ?? []).filter(({ kind }) => !sweeps.some((sweep) => sweep.kind === kind));
  for (const { kind } of sweeps.length === 0 ? [] : leftOut) {
    terminal.warn(`--noise ${kind}: left out for ${run.file}, an ANN, whose neurons have none`);
  }
  const repetitions = ({ kind }: Sweep) => (isRandom(kind) ? words.seeds : 1);
  if (sweeps.length === 0) {
    throw new OptionError(
      `robustness ${run.file}: expected a spiking network for threshold and leak, received an ANN; leave it out`,
    );
  }
  const disturbed = ({ kind, strengths }: Sweep) =>
    strengths.filter((strength) => strength !== neutralStrength(run, kind));
  const total = 1 + sweeps.reduce((sum, sweep) => sum + disturbed(sweep).length * repetitions(sweep), 0);
  const progress = new Progress(terminal.human, { label: run.file, total, unit: "images" });
  const spiking = run.model.config.kind === "snn";
  using computing = new Forward(run.model, spiking ? (words.precision ?? "fp32") : "fp32", terminal);
  const forward = computing.precision === "fp32" ? undefined : (input: Tensor) => computing.run(input);
  const score = async (kind: DisturbanceKind, strength: number, seed: number) => {
    const result = await disturbedResult(run, { kind, strength, seed, signal, forward });
    if (!terminal.quiet) progress.step(result.counts.length, `${kind} ${strength}`);
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
  if (!terminal.quiet) progress.end();
  const { epoch } = run.meta;
  warnOfResult(run, resultOf(evaluation, { epoch, split: dataset.split }), terminal);
  const { meanIoU } = robustnessCurve("", [{ strength: 0, seeds: [clean] }], options).points[0]!;
  const checkpoint = run.file;
  const { precision } = computing;
  const examples = clean.length;
  return { checkpoint, split: dataset.split, examples, seeds: words.seeds, precision, meanIoU, curves };
}

/** The strength that changes nothing. */
function neutralStrength({ model }: TrainedRun, kind: DisturbanceKind): number {
  if (kind === "threshold") return 1;
  return kind === "leak" && model.config.kind === "snn" ? model.config.leak : 0;
}

/** Beside a run's `config.json`, or beside a checkpoint file of its own. */
function robustnessFile(checkpoint: string): string {
  const folder = dirname(checkpoint);
  return folder.endsWith("checkpoints")
    ? join(dirname(folder), "robustness.json")
    : checkpoint.replace(/\.safetensors$/, ".robustness.json");
}

function robustnessLines(runs: readonly RunRobustness[]): string {
  return runs
    .map(({ checkpoint, split, examples, curves }) => {
      const rows = curves.flatMap(({ kind, points, relativeArea }) =>
        points.map((point, i) => [
          i === 0 ? kind : "",
          String(point.strength),
          point.meanIoU.toFixed(4),
          `${point.interval.low.toFixed(4)} … ${point.interval.high.toFixed(4)}`,
          `${(100 * point.relativeDrop).toFixed(1)} %`,
          i === 0 ? (relativeArea?.toFixed(3) ?? "–") : "",
        ]),
      );
      const head = ["disturbance", "strength", "mean IoU", "95 % over images", "drop", "relative area"];
      return `${checkpoint} on ${examples} examples of split ${split}\n${formatTable([head, ...rows])}\n`;
    })
    .join("\n");
}

function robustnessCsv(runs: readonly RunRobustness[]): string {
  return csvOf(
    runs.flatMap(({ checkpoint, curves }) =>
      curves.flatMap(({ kind, unit, points }) =>
        points.map(({ strength, meanIoU, interval, relativeDrop, perSeed }) => ({
          ...{
            checkpoint,
            kind,
            unit,
            strength,
            meanIoU,
            low: interval.low,
            high: interval.high,
            relativeDrop,
          },
          perSeed: perSeed.join(" "),
        })),
      ),
    ),
  );
}

function collectSweep(word: string, before: readonly Sweep[] = []): Sweep[] {
  const [kind = "", list = ""] = word.split("=");
  const strengths = list.split(",").map(Number);
  const known = Object.keys(disturbances);
  if (
    !known.includes(kind) ||
    list === "" ||
    !strengths.every((strength) => Number.isFinite(strength) && strength >= 0)
  ) {
    throw new InvalidArgumentError(
      `Expected a kind and strengths such as gaussian=10,20; kinds: ${known.join(", ")}.`,
    );
  }
  const most = strongest[kind as DisturbanceKind] ?? Number.POSITIVE_INFINITY;
  const neverNothing = kind === "threshold" || kind === "leak";
  const wrong = strengths.find((strength) => strength > most || (neverNothing && strength === 0));
  if (wrong !== undefined) {
    const range = `${neverNothing ? "above 0" : "of at least 0"}${Number.isFinite(most) ? ` and at most ${most}` : ""}`;
    throw new InvalidArgumentError(`Expected strengths of ${kind} ${range}, received ${wrong}.`);
  }
  return [...before, { kind: kind as DisturbanceKind, strengths: strengths.sort((a, b) => a - b) }];
}
