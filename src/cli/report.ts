/** `snnseg report`: several runs side by side in one HTML file, and as JSON and CSV. */
import type { Command } from "commander";
import { loadEnergyTables } from "../energy/index.js";
import type { Interval, IoUDifference } from "../metrics/index.js";
import type { ComparedRun, SeedGroup } from "../report/index.js";
import { type GivenOptions, report } from "../runs/index.js";
import type { CommandContext } from "./context.js";
import { addConfigFlags, givenFlags } from "./flags/config-flags.js";
import { addExamples } from "./flags/examples.js";
import { placeFlags } from "./flags/place-flags.js";
import { positiveInteger } from "./flags/positive-integer.js";
import { formatPercent, formatTable } from "./lines/format.js";

type Words = {
  readonly output: string;
  readonly data?: string;
  readonly csv?: string;
  readonly title?: string;
  readonly split?: string;
  readonly names?: string;
  readonly gallery: number;
  readonly constants?: string;
  readonly anytime: boolean;
  readonly eightBits: boolean;
};

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "report runs/ann runs/snn --names ANN,SNN --output report.html",
    "report 1 2 3 --data report.json --csv scores.csv",
    "report runs/ann-0 runs/snn-0 runs/ann-1 runs/snn-1",
    "report runs/snn --gallery 24 --no-anytime",
  );
  command
    .description(
      "Runs networks over a split and writes one HTML file that shows them side by side: scores with intervals, " +
        "curves, classes, predictions, spikes, energy, and what `snnseg robustness` found. It needs no network.",
    )
    .argument("<runs...>", "run folders, their numbers in snnseg runs, or checkpoint files, of one data set")
    .option("-o, --output <FILE>", "the HTML file to write", "report.html")
    .option("--data <FILE>", "write everything but the pictures as JSON")
    .option("--csv <FILE>", "write the scores as CSV")
    .option("--title <TEXT>", "the page's title")
    .option("--names <A,B,…>", "what to call the runs; their folders' names unless given")
    .option("--split <NAME>", "split to look at; the one that training scored unless given")
    .option("--gallery <N>", "examples to picture", positiveInteger, 12)
    .option(
      "--constants <FILE>",
      "energies of operations, memory and chips, as JSON, instead of the published ones",
    )
    .option("--no-anytime", "leave out the scores of early timesteps, which take a second pass")
    .option("--no-eight-bits", "leave out what ANNs score after quantisation to 8 bits");
  addConfigFlags(command, placeFlags).action(async (paths: string[], words: Words) => {
    await writeReport(paths, { words, options: givenFlags(command, placeFlags).values, context });
  });
}

async function writeReport(
  paths: readonly string[],
  {
    words,
    options,
    context,
  }: { readonly words: Words; readonly options: GivenOptions; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const signal = context.interrupt();
  const tables = words.constants === undefined ? undefined : await loadEnergyTables(words.constants);
  const { output: to, data, csv, title, split, gallery, anytime, eightBits } = words;
  const names = words.names?.split(",");
  const { runs, seedGroups } = await report(paths, {
    ...{ to, data, csv, title, split, gallery, anytime, eightBits, names, tables, options, signal },
    listener: terminal,
  });
  terminal.print(scoreTable(runs));
  if (seedGroups.length > 0) terminal.print(`\n${seedTable(seedGroups)}`);
  terminal.print(`\nreport ${to}`);
  terminal.result({ report: to, data, csv, runs: runs.map(shortResult), seedGroups });
}

function shortResult({ name, scores, quality, spikes, difference }: ComparedRun) {
  const { meanIoU, pixelAccuracy } = scores;
  return {
    name,
    meanIoU,
    interval: quality.intervals.meanIoU,
    difference,
    pixelAccuracy,
    meanRate: spikes?.meanRate ?? null,
  };
}

function differenceText({ meanIoU, interval }: IoUDifference): string {
  return `${signed(meanIoU)} (${signedRange(interval)})`;
}

function signed(x: number): string {
  return `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(4)}`;
}

function signedRange({ low, high }: Interval): string {
  return `${signed(low)} … ${signed(high)}`;
}

function seedTable(groups: readonly SeedGroup[]): string {
  const [first] = groups;
  const rows = groups.map(({ name, runs, meanIoU, deviation, difference }) => [
    name,
    String(runs.length),
    meanIoU.toFixed(4),
    deviation?.toFixed(4) ?? "–",
    difference ? differenceText(difference) : "–",
    difference?.overSeeds ? signedRange(difference.overSeeds) : "–",
    difference ? formatPercent(meanIoU / first!.meanIoU) : "–",
  ]);
  const head = [
    ...["over seeds", "runs", "mean IoU", "deviation"],
    `difference to ${first!.name} (95 % over images)`,
    "95 % over seeds",
    `of ${first!.name}`,
  ];
  return formatTable([head, ...rows]);
}

function scoreTable(runs: readonly ComparedRun[]): string {
  const rows = runs.map(({ name, scores, quality, spikes, difference }) => {
    const { low, high } = quality.intervals.meanIoU;
    return [
      name,
      scores.meanIoU.toFixed(4),
      `${low.toFixed(4)} … ${high.toFixed(4)}`,
      difference ? differenceText(difference) : "–",
      quality.boundaryIoU.toFixed(4),
      quality.calibrationError.toFixed(4),
      spikes ? formatPercent(spikes.meanRate) : "–",
    ];
  });
  const head = [
    "run",
    "mean IoU",
    "95 % over images",
    `difference to ${runs[0]!.name} (95 %)`,
    "boundary IoU",
    "calibration error",
    "spikes per timestep",
  ];
  return formatTable([head, ...rows]);
}
