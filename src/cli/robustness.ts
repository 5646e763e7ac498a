/** `snnseg robustness`: how scores fall as data or network are disturbed, several runs side by side. */
import { type Command, InvalidArgumentError } from "commander";
import { type DisturbanceKind, disturbances, isRandom } from "../analysis/index.js";
import type { Layer } from "../config/index.js";
import { OptionError } from "../errors.js";
import { makeFoldersOf, writeFileAtomic } from "../files/index.js";
import { type ComputePrecision, checkComputing } from "../inference/index.js";
import {
  openTrainedRun,
  type RunRobustness,
  robustnessCsv,
  robustnessFile,
  type Sweep,
  saveRobustness,
  sweepRobustness,
  warnOf,
} from "../runs/index.js";
import type { CommandContext } from "./context.js";
import { addConfigFlags, givenFlags } from "./flags/config-flags.js";
import { addExamples } from "./flags/examples.js";
import { runFlags } from "./flags/place-flags.js";
import { positiveInteger } from "./flags/positive-integer.js";
import { precisionOption } from "./flags/precision-flags.js";
import { formatTable } from "./lines/format.js";

type Words = {
  readonly noise?: readonly Sweep[];
  readonly seeds: number;
  readonly split?: string;
  readonly output?: string;
  readonly csv?: string;
  readonly precision: ComputePrecision;
};

/** Where no limit is given, every strength means something. */
const strongest: Partial<Record<DisturbanceKind, number>> = {
  ...{ "salt-and-pepper": 1, "event-drop": 1, "event-spurious": 1, leak: 1 },
  ...{ gaussian: 255, blur: 255, fgsm: 255, pgd: 255 },
};

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "robustness runs/ann runs/snn",
    "robustness runs/snn --noise gaussian=10,20,40 --noise pgd=1,2,4 --csv curves.csv",
    "robustness runs/snn --noise threshold=0.5,0.8,1.25,2 --precision fast",
  );
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
    .addOption(precisionOption().default("fp32"));
  addConfigFlags(command, runFlags).action(async (paths: string[], words: Words) => {
    if (command.getOptionValueSource("seeds") === "cli") checkSeeds(words);
    const given = givenFlags(command, runFlags);
    checkComputing(words.precision, String(given.values.device ?? "cpu"));
    await sweepRuns(paths, { words, given, context });
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
    await using run = await openTrainedRun(path, { options: given.values, split: words.split });
    await makeFoldersOf(robustnessFile(run.file));
    warnOf([run.loader.dataset], terminal);
    const { noise: sweeps, seeds, precision } = words;
    const result = await sweepRobustness(run, { sweeps, seeds, precision, signal, listener: terminal });
    results.push(result);
    await saveRobustness(result);
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
