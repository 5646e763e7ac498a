/** A trained run, looked at closely, as the report of several runs shows it. */

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  denseOperations,
  meanRate,
  membraneBins,
  type SpikeStatistics,
  spikeTotals,
  twinConfig,
} from "../../activity/index.js";
import type { RunAnalysis } from "../../analysis/index.js";
import {
  chipEnergies,
  compareEnergy,
  type EnergyTables,
  equivalentBits,
  estimateEnergy,
  floatArithmetic,
  integerArithmetic,
} from "../../energy/index.js";
import { bootstrapDifference, type ImageCounts } from "../../metrics/index.js";
import { architectureName } from "../../models/index.js";
import type { ComparedEnergy, ComparedRun, ComparedSpikes } from "../../report/index.js";
import {
  type CheckpointMeta,
  type EvaluationResult,
  type MetricsRecord,
  RunFolder,
  readMetrics,
  readRunRecord,
} from "../../training/index.js";
import { storedRobustness } from "../robustness/stored-robustness.js";
import type { TrainedRun } from "../trained-run.js";

/** Joins what the analysis found with what the run folder holds. */
export async function comparedRun(
  run: TrainedRun,
  {
    name,
    analysis,
    result,
    warnings,
    tables,
    first,
  }: {
    readonly name: string;
    readonly analysis: RunAnalysis;
    /** The scores of the analysis. */
    readonly result: EvaluationResult;
    /** What they do not say by themselves. */
    readonly warnings: readonly string[];
    readonly tables: EnergyTables;
    /** Of the first run's images; absent of the first. */
    readonly first: readonly ImageCounts[] | undefined;
  },
): Promise<ComparedRun> {
  const { evaluation, quality, imageCounts } = analysis;
  const { dataset } = run.loader;
  const folder = runFolderOf(run.file);
  const records: MetricsRecord[] =
    folder && existsSync(folder.metrics) ? await readMetrics(folder.metrics) : [];
  const { counts, numClasses } = evaluation.matrix;
  return {
    name,
    split: dataset.split,
    examples: evaluation.examples,
    scores: result,
    quality,
    difference: first ? bootstrapDifference(imageCounts, first, { seed: run.seed }) : null,
    confusion: Array.from({ length: numClasses }, (_, k) => [
      ...counts.subarray(k * numClasses, (k + 1) * numClasses),
    ]),
    epochs: records
      .filter((record) => record.kind === "epoch")
      .map(({ epoch, loss, lr }) => ({ epoch, loss, lr })),
    evaluations: records
      .filter((record) => record.kind === "evaluation")
      .map(({ epoch, loss, meanIoU }) => ({ epoch, loss, meanIoU })),
    spikes: analysis.spikes ? comparedSpikes(analysis.spikes) : null,
    anytime: analysis.anytime ?? null,
    energy: comparedEnergy(run, analysis, tables),
    robustness: folder ? await storedRobustness(join(folder.path, "robustness.json")) : null,
    options: Object.fromEntries(
      Object.entries(run.meta.config).map(([key, value]) => [key, optionText(key, value)]),
    ),
    facts: {
      ...(warnings.length > 0 ? { warning: warnings.join("; ") } : {}),
      ...(await factsOf(run, folder)),
    },
  };
}

/** Says where a run is scored on other labels than the first one, which its difference to that one does not say. */
export function labelWarnings(
  counts: readonly ImageCounts[],
  first: readonly ImageCounts[] = counts,
): string[] {
  const others = counts.filter(({ truth }, i) => truth.some((pixels, k) => pixels !== first[i]!.truth[k]));
  if (others.length === 0) return [];
  return [
    `scored on other labels than the first run in ${others.length} of ${counts.length} images (another size, fit or label pixel, ` +
      "or other masks under the same names): the difference of their scores is not that of the networks alone; " +
      "snnseg eval --full-size scores both at the masks' own size",
  ];
}

/** The run folder that a checkpoint lies in, if it lies in one. */
function runFolderOf(checkpoint: string): RunFolder | undefined {
  const folder = new RunFolder(dirname(dirname(checkpoint)));
  return folder.hasRun ? folder : undefined;
}

function comparedSpikes(statistics: SpikeStatistics): ComparedSpikes {
  const { perTimestep } = statistics.input;
  return {
    meanRate: meanRate(statistics),
    inputActivity: perTimestep.reduce((sum, share) => sum + share, 0) / Math.max(1, perTimestep.length),
    totals: spikeTotals(statistics),
    layers: statistics.layers,
    membraneBins,
  };
}

function comparedEnergy(
  { model, loader }: TrainedRun,
  { operations }: RunAnalysis,
  { processes, chips }: EnergyTables,
): ComparedEnergy {
  const { config } = model;
  const first = processes[0]!;
  if (config.kind === "ann") {
    const { activationLevels: levels = 0 } = config;
    const bits = levels > 0 ? equivalentBits(levels) : 32;
    const arithmetic = levels > 0 ? integerArithmetic(first, bits) : floatArithmetic(first);
    const { totalPj: annPj } = estimateEnergy(operations, { arithmetic, accounting: "synapses" });
    return { process: first.name, annPj, bits };
  }
  const ann = denseOperations(twinConfig(config), loader.dataset.size);
  return {
    processes: processes.map((constants) => compareEnergy({ snn: operations, ann }, constants)),
    chips: chipEnergies(operations, chips).map(({ chip, totalPj }) => ({ ...chip, totalPj })),
    layers: operations.layers,
    auxiliary: operations.auxiliary,
  };
}

/** Where a converted network comes from; `convert` leaves that beside the usual. */
function conversionOf({ conversion }: CheckpointMeta): Record<string, string> {
  return conversion ? { "converted from": `${conversion.from}, method ${conversion.method}` } : {};
}

function optionText(key: string, value: unknown): string {
  if (value === null || value === "") return "–";
  return Array.isArray(value) ? value.join(key === "imgSize" ? "x" : ", ") : String(value);
}

async function factsOf(
  { file, meta, model, loader }: TrainedRun,
  folder: RunFolder | undefined,
): Promise<Record<string, string>> {
  const parameters = [...model.parameters().values()].reduce((sum, tensor) => sum + tensor.numel, 0);
  const environment = folder ? (await readRunRecord(folder)).environment : {};
  return {
    checkpoint: file,
    epoch: String(meta.epoch),
    network: `${meta.model.kind} ${architectureName(meta.model.arch)}`,
    parameters: parameters.toLocaleString("en"),
    ...conversionOf(meta),
    data: `${loader.dataset.name} ${loader.dataset.split}, ${loader.dataset.size.join("x")}`,
    ...Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, String(value)])),
  };
}
