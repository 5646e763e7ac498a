/** `snnseg report`: several runs side by side in one HTML file, and as JSON and CSV. */

import { basename, dirname } from "node:path";
import type { Command } from "commander";
import { analyzeRun } from "../analysis/index.js";
import type { Layer } from "../config/index.js";
import { loadEnergyTables, publishedEnergies } from "../energy/index.js";
import { OptionError } from "../errors.js";
import { makeFoldersOf, writeFileAtomic } from "../files/index.js";
import { type ComparedRun, type ComparisonReport, comparisonPage } from "../report/index.js";
import { type CsvCell, csvOf } from "../tracking/index.js";
import { resultOf, runPath } from "../training/index.js";
import { comparedExamples, type ExamplePredictions } from "./compared-examples.js";
import { comparedRun } from "./compared-run.js";
import { addConfigFlags, givenFlags } from "./config-flags.js";
import type { CommandContext } from "./context.js";
import { engineWords } from "./environment.js";
import { formatTable } from "./format.js";
import { placeFlags } from "./place-flags.js";
import { positiveInteger } from "./positive-integer.js";
import { Progress } from "./progress.js";
import { warnOf } from "./suspicion-warnings.js";
import { openTrainedRun, type TrainedRun, warnOfResult } from "./trained-run.js";

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
};

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Runs networks over a split and writes one HTML file that shows them side by side: scores with intervals, " +
        "curves, classes, predictions, spikes, energy, and what `snnseg robustness` found. It needs no network.",
    )
    .argument("<runs...>", "run folders, their numbers in snnseg runs, or checkpoint files, of one data set")
    .option("-o, --output <FILE>", "the page", "report.html")
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
    .option("--no-anytime", "leave out the scores of early timesteps, which take a second pass");
  addConfigFlags(command, placeFlags).action(async (paths: string[], words: Words) => {
    await writeReport(paths, { words, given: givenFlags(command, placeFlags), context });
  });
}

async function writeReport(
  asked: readonly string[],
  {
    words,
    given,
    context,
  }: { readonly words: Words; readonly given: Layer; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const signal = context.interrupt();
  await makeFoldersOf(words.output, words.data, words.csv);
  const tables = words.constants === undefined ? publishedEnergies : await loadEnergyTables(words.constants);
  const paths = await Promise.all(asked.map(runPath));
  const names = runNames(paths, words.names);
  const runs: ComparedRun[] = [];
  const predicted: ExamplePredictions[] = [];
  let first: TrainedRun | undefined;
  try {
    for (const [i, path] of paths.entries()) {
      const run = await openTrainedRun(path, { given, split: words.split });
      if (first === undefined) {
        first = run;
        warnOf([run.loader.dataset], terminal);
      }
      try {
        checkSameData(run, first);
        const total = Math.min(run.loader.batchCount, run.limitBatches ?? run.loader.batchCount);
        const progress = new Progress(terminal.human, { label: names[i]!, total, unit: "images" });
        const predictions: Uint8Array[] = [];
        const analysis = await analyzeRun(run, {
          anytime: words.anytime,
          signal,
          onBatch: (images) => {
            if (!terminal.quiet) progress.step(images, "");
          },
          onPrediction: (batch, labels) => {
            const pixels = labels.length / batch.ids.length;
            for (let n = 0; n < batch.ids.length; n++)
              predictions.push(labels.slice(n * pixels, (n + 1) * pixels));
          },
        });
        if (!terminal.quiet) progress.end();
        const { split } = run.loader.dataset;
        warnOfResult(run, resultOf(analysis.evaluation, { epoch: run.meta.epoch, split }), terminal);
        predicted.push({ predictions, scores: analysis.quality.images.map(({ meanIoU }) => meanIoU) });
        runs.push(await comparedRun(run, { name: names[i]!, analysis, tables }));
      } finally {
        if (run !== first) await run[Symbol.asyncDispose]();
      }
    }
    const { dataset } = first!.loader;
    const report: ComparisonReport = {
      format: "snnseg-report",
      version: 1,
      title: words.title ?? `${names.join(", ")} on ${dataset.name}`,
      summary: `${runs[0]!.examples} examples of split ${dataset.split} at ${dataset.size.join("x")}, computed with ${engineWords()}.`,
      classes: dataset.classes,
      runs,
      gallery: await comparedExamples(dataset, { runs: predicted, count: words.gallery }),
    };
    await writeFileAtomic(words.output, await comparisonPage(report));
    const data = { ...report, gallery: undefined };
    if (words.data !== undefined)
      await writeFileAtomic(words.data, `${JSON.stringify(data, undefined, 2)}\n`);
    if (words.csv !== undefined)
      await writeFileAtomic(words.csv, csvOf(runs.map((run) => scoreRow(run, dataset.classes))));
    terminal.print(scoreTable(runs));
    terminal.print(`\nreport ${words.output}`);
    terminal.result({ report: words.output, data: words.data, csv: words.csv, runs: runs.map(shortResult) });
  } finally {
    await first?.[Symbol.asyncDispose]();
  }
}

/** Names given, or those of run folders and checkpoint files; doubles get a number. */
function runNames(paths: readonly string[], given: string | undefined): string[] {
  const names =
    given?.split(",") ?? paths.map((path) => basename(path.replace(/\.safetensors$/, "")) || dirname(path));
  if (names.length !== paths.length) {
    throw new OptionError(
      `--names: expected ${paths.length} names, received ${names.length}; one for each run`,
    );
  }
  return names.map((name, i) => {
    const before = names.slice(0, i).filter((other) => other === name).length;
    return before === 0 ? name : `${name} (${before + 1})`;
  });
}

function checkSameData({ file, loader: { dataset } }: TrainedRun, first: TrainedRun): void {
  const other = first.loader.dataset;
  const identity = ({ classes, length, split }: typeof dataset) => JSON.stringify([classes, length, split]);
  if (identity(dataset) === identity(other)) return;
  throw new OptionError(
    `report ${file}: expected the data of ${first.file} (${other.name} ${other.split}, ${other.length} examples), ` +
      `received ${dataset.name} ${dataset.split} with ${dataset.length}; compare runs of one data set`,
  );
}

function shortResult({ name, scores, quality, spikes }: ComparedRun) {
  const { meanIoU, pixelAccuracy } = scores;
  return {
    name,
    meanIoU,
    interval: quality.intervals.meanIoU,
    pixelAccuracy,
    meanRate: spikes?.meanRate ?? null,
  };
}

function scoreTable(runs: readonly ComparedRun[]): string {
  const rows = runs.map(({ name, scores, quality, spikes }) => {
    const { low, high } = quality.intervals.meanIoU;
    return [
      name,
      scores.meanIoU.toFixed(4),
      `${low.toFixed(4)} … ${high.toFixed(4)}`,
      quality.boundaryIoU.toFixed(4),
      quality.calibrationError.toFixed(4),
      spikes ? `${(100 * spikes.meanRate).toFixed(2)} %` : "–",
    ];
  });
  const head = [
    "run",
    "mean IoU",
    "95 % over images",
    "boundary IoU",
    "calibration error",
    "spikes per timestep",
  ];
  return formatTable([head, ...rows]);
}

function scoreRow(
  { name, split, examples, scores, quality, spikes, energy }: ComparedRun,
  classes: readonly string[],
) {
  const row: Record<string, CsvCell> = { run: name, split, examples };
  for (const [key, value] of Object.entries(scores)) if (typeof value === "number") row[key] = value;
  row.meanIoULow = quality.intervals.meanIoU.low;
  row.meanIoUHigh = quality.intervals.meanIoU.high;
  row.boundaryIoU = quality.boundaryIoU;
  row.calibrationError = quality.calibrationError;
  row.meanRate = spikes?.meanRate;
  if ("annPj" in energy) row[`pJ ${energy.process} float-synapses`] = energy.annPj;
  else {
    for (const { process, rows } of energy.processes) {
      for (const { id, snn, ann } of rows) {
        row[`pJ ${process} ${id}`] = snn.totalPj;
        row[`ANN twin's pJ ${process} ${id}`] = ann.totalPj;
      }
    }
  }
  for (const [k, iou] of scores.perClassIoU.entries()) row[`IoU ${classes[k]}`] = iou;
  return row;
}
