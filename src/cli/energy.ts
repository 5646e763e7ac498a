/** `snnseg energy`: what a spiking network does on real examples, and what that would cost beside its ANN twin. */
import type { Command } from "commander";
import type { NetworkOperations } from "../activity/index.js";
import { measureEnergy, type NetworkRow } from "../analysis/index.js";
import {
  type EnergyComparison,
  type EnergyReport,
  loadEnergyTables,
  publishedEnergies,
} from "../energy/index.js";
import { OptionError } from "../errors.js";
import { makeFoldersOf, writeFileAtomic } from "../files/index.js";
import { baselineRows, openBaselines, openTrainedRun, resultWarnings, warnOf } from "../runs/index.js";
import { resultOf } from "../training/index.js";
import type { CommandContext } from "./context.js";
import { addConfigFlags, givenFlags } from "./flags/config-flags.js";
import { addExamples } from "./flags/examples.js";
import { runFlags } from "./flags/place-flags.js";
import { formatCount, formatPercent, formatTable } from "./lines/format.js";
import { spikeLines } from "./lines/spike-lines.js";

type Words = {
  readonly split?: string;
  readonly constants?: string;
  readonly output?: string;
  readonly ann?: readonly string[];
};

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "energy runs/mine",
    "energy runs/mine --limit-batches 2 --output energy.json",
    "energy runs/mine --ann runs/its-ann",
    "energy --print-constants",
  );
  command
    .description(
      "Counts the operations of a spiking network on real examples, and estimates its energy and its ANN twin's in " +
        "several models, from the field's to one with memory traffic and one with a quantised twin.",
    )
    .argument(
      "[run]",
      "a run folder, whose best checkpoint is taken, its number in snnseg runs, or a checkpoint file",
    )
    .option("--split <NAME>", "split to run; the one that training scored unless given")
    .option("--constants <FILE>", "energies of operations and memory, as JSON, instead of the published ones")
    .option(
      "--ann <RUN>",
      "the run of an ANN, scored on the same examples in float32 and in 8 bits; repeat for others",
      (path: string, before: readonly string[] = []) => [...before, path],
    )
    .option("--print-constants", "print the published energies as JSON, to start a table from")
    .option("-o, --output <FILE>", "write everything as JSON");
  addConfigFlags(command, runFlags).action(async (path: string | undefined, words: Words) => {
    if (command.opts<{ printConstants?: true }>().printConstants) {
      checkAlone(path, words);
      context.terminal().print(JSON.stringify(publishedEnergies, undefined, 2));
      return;
    }
    if (path === undefined) {
      throw new OptionError("energy: expected a run, received none; name a run folder or a checkpoint");
    }
    await reportEnergy(path, { command, words, context });
  });
}

/** @throws OptionError if a run or a table is named, of which nothing is printed */
function checkAlone(path: string | undefined, { constants, output }: Words): void {
  const other = path ?? constants ?? output;
  if (other === undefined) return;
  throw new OptionError(
    `--print-constants: expected nothing else, as it prints the published energies, received ${other}; leave one of them out`,
  );
}

async function reportEnergy(
  path: string,
  { command, words, context }: { command: Command; words: Words; context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  await makeFoldersOf(words.output);
  const tables = words.constants === undefined ? undefined : await loadEnergyTables(words.constants);
  const opening = { options: givenFlags(command, runFlags).values, split: words.split };
  await using run = await openTrainedRun(path, opening);
  // Before anything is computed: a wrong path is said at once.
  await using baselines = await openBaselines(run, words.ann ?? [], opening);
  warnOf([run.loader.dataset], terminal);
  const { model, loader, input, seed, trainPixels, limitBatches } = run;
  const { dataset, batchCount } = loader;
  const total = Math.min(batchCount, limitBatches ?? batchCount);
  const stage = terminal.stage({ label: `run ${dataset.split}`, total, unit: "images" });
  const onBatch = (images: number) => stage.step(images, "");
  const given = { input, seed, trainPixels, limitBatches, tables };
  const measurement = await measureEnergy(model, loader, { ...given, onBatch });
  stage.end();
  const { evaluation, spikes, ...report } = measurement;
  const [process] = (tables ?? publishedEnergies).processes;
  const networks = await baselineRows(measurement, {
    anns: baselines.anns,
    constants: process!,
    listener: terminal,
  });
  const operations = report.operations.snn;
  terminal.print(
    `${run.file} on ${operations.examples} examples of split ${dataset.split}, ${operations.timesteps} timesteps, ` +
      `${dataset.size.join("x")}; everything per example\n`,
  );
  terminal.print(`${spikeLines(spikes)}\n`);
  terminal.print(`${operationLines(operations)}\n`);
  for (const comparison of report.comparisons) terminal.print(`${comparisonLines(comparison)}\n`);
  terminal.print(`${networkLines(networks, process!.name)}\n`);
  terminal.print(chipLines(report.chips));
  const scores = resultOf(evaluation, { epoch: run.meta.epoch, split: dataset.split });
  for (const warning of resultWarnings(run, scores)) terminal.warn(warning);
  const { silentLayers, constantClass } = scores;
  const result = {
    checkpoint: run.file,
    split: dataset.split,
    spikes,
    silentLayers,
    constantClass,
    networks,
    ...report,
  };
  if (words.output !== undefined) {
    await writeFileAtomic(words.output, `${JSON.stringify(result, undefined, 2)}\n`);
    terminal.print(`\nwritten to ${words.output}`);
  }
  terminal.result(result);
}

function microjoules(pj: number): string {
  return (pj / 1e6).toPrecision(4);
}

function operationLines(operations: NetworkOperations): string {
  const rows = operations.layers.map((layer) => [
    layer.name,
    layer.input,
    formatCount(layer.events),
    formatCount(layer.accumulates),
    formatCount(layer.multiplyAccumulates),
    formatCount(layer.shortcut),
    formatCount(layer.denseMacs),
  ]);
  for (const row of operations.auxiliary) {
    rows.push([row.name, "", "", formatCount(row.accumulates), formatCount(row.multiplyAccumulates), "", ""]);
  }
  return formatTable(
    [["operations", "input", "events", "accumulates", "MACs", "rate x dense", "ANN's MACs"], ...rows],
    { left: 2 },
  );
}

function comparisonLines({
  process,
  source,
  rows,
  meanRate,
  twinBits,
  shortcutPj,
}: EnergyComparison): string {
  const body = rows.map((row) => [
    row.model,
    microjoules(row.snn.totalPj),
    microjoules(row.ann.totalPj),
    row.ratio.toFixed(2),
    row.breakEvenRate === null ? "–" : formatPercent(row.breakEvenRate),
  ]);
  const table = formatTable([
    [`${process}, microjoules`, "SNN", "ANN", "ANN/SNN", "break-even rate"],
    ...body,
  ]);
  return (
    `${table}\nfield's shortcut for the SNN: ${microjoules(shortcutPj)}; mean rate ${formatPercent(meanRate)} per ` +
    `timestep; the quantised twin has ${twinBits} bits; ${source}`
  );
}

function networkLines(rows: readonly NetworkRow[], process: string): string {
  const body = rows.map(({ network, meanIoU, bits, operationsPj, memoryPj }) => [
    ...[network, meanIoU.toFixed(4), String(bits), microjoules(operationsPj), microjoules(memoryPj)],
  ]);
  const head = ["network", "mean IoU", "bits", `microjoules at ${process}`, "with memory"];
  const table = formatTable([head, ...body]);
  if (rows.length > 1) return table;
  return `${table}\nits ANN's row and its 8-bit row, measured on the same examples: --ann RUN`;
}

function chipLines(chips: EnergyReport["chips"]): string {
  const rows = chips.map(({ chip, totalPj }) => [
    chip.name,
    String(chip.pjPerSynapticOperation),
    microjoules(totalPj),
  ]);
  return formatTable([["chip, as published", "pJ per synaptic operation", "microjoules"], ...rows]);
}
