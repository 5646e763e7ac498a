/** Several runs looked at on one split, side by side. */
import { basename, dirname } from "node:path";
import { analyzeRun } from "../../analysis/index.js";
import { quantizeAnn } from "../../conversion/index.js";
import { type EnergyTables, publishedEnergies } from "../../energy/index.js";
import { scope } from "../../engine/index.js";
import { engineWords } from "../../environment/index.js";
import { ConversionError, FileError, OptionError } from "../../errors.js";
import type { ImageCounts } from "../../metrics/index.js";
import { AnnModel } from "../../models/index.js";
import type { ComparedRun, ComparisonReport } from "../../report/index.js";
import { resultOf, runPath } from "../../training/index.js";
import { readCalibrationImages } from "../convert/calibration-images.js";
import { type Listener, stageOf } from "../listener.js";
import type { GivenOptions } from "../open-run.js";
import { warnOf } from "../suspicion-warnings.js";
import { checkSameData, openTrainedRun, resultWarnings, type TrainedRun } from "../trained-run.js";
import { calibrationBatches } from "./baselines.js";
import { comparedExamples, type ExamplePredictions } from "./compared-examples.js";
import { comparedRun, labelWarnings } from "./compared-run.js";
import { type SeededRun, seedGroups, trainingKey } from "./seed-groups.js";

/** What runs are looked at with, and what of them. */
export interface CompareOptions {
  /** What to call the runs (default: the names of their folders or files). */
  readonly names?: readonly string[] | undefined;
  /** Of the report (default: the runs' names and the data set's). */
  readonly title?: string | undefined;
  /** Split to look at (default: the one that training scored). */
  readonly split?: string | undefined;
  /** Examples to picture (default 12). */
  readonly gallery?: number;
  /** Also the scores of early timesteps, which take a second pass (default true). */
  readonly anytime?: boolean;
  /** Also every ANN after quantisation to 8 bits, as a run of its own (default true). */
  readonly eightBits?: boolean;
  /** Energies of operations, memory and chips (default: the published ones). */
  readonly tables?: EnergyTables | undefined;
  /** They beat those that the runs were trained with. */
  readonly options?: GivenOptions;
  /** Stops between two batches by throwing the signal's reason. */
  readonly signal?: AbortSignal;
  /** Hears of every run's batches, and of warnings. */
  readonly listener?: Listener;
}

/**
 * Runs networks over a split and tells scores with intervals, curves, classes, predictions, spikes and energy.
 *
 * @param paths - each as in `openRun`, all with the same classes and data
 * @param options - default: all of the split that training scored, under the options of the training
 * @returns what `comparisonPage` shows
 * @throws as `openRun`; OptionError if the runs have different data, or other names are given than there are runs
 * @example
 * // not run: needs a run folder
 * import { compareRuns } from "snnseg";
 * import { comparisonPage } from "snnseg/runs";
 * import { writeFile } from "node:fs/promises";
 *
 * const report = await compareRuns(["runs/my-ann", "runs/my-snn"], { names: ["ANN", "SNN"], gallery: 4 });
 * for (const { name, scores } of report.runs) console.log(name, scores);
 * await writeFile("comparison.html", await comparisonPage(report));
 */
export async function compareRuns(
  paths: readonly string[],
  { gallery = 12, title, ...asked }: CompareOptions = {},
): Promise<ComparisonReport> {
  const folders = await Promise.all(paths.map(runPath));
  const names = runNames(folders, asked.names);
  const runs: ComparedRun[] = [];
  const seeded: SeededRun[] = [];
  const predicted: ExamplePredictions[] = [];
  let first: TrainedRun | undefined;
  let firstCounts: readonly ImageCounts[] | undefined;
  try {
    for (const [i, path] of folders.entries()) {
      const run = await openTrainedRun(path, { options: asked.options ?? {}, split: asked.split });
      if (first === undefined) {
        first = run;
        warnOf([run.loader.dataset], asked.listener ?? {});
      }
      try {
        checkSameData("report", run, first);
        const looks = [await lookAt(run, { ...asked, name: names[i]!, first: firstCounts })];
        firstCounts ??= looks[0]!.counts;
        if (asked.eightBits ?? true) {
          looks.push(...(await inEightBits(run, { ...asked, name: names[i]!, first: firstCounts })));
        }
        predicted.push(...looks.map(({ predictions }) => predictions));
        seeded.push(...looks.map((look) => seededRun(run, look)));
        runs.push(...looks.map(({ compared }) => compared));
      } finally {
        if (run !== first) await run[Symbol.asyncDispose]();
      }
    }
    const { dataset } = first!.loader;
    return {
      format: "snnseg-report",
      version: 1,
      title: title ?? `${names.join(", ")} on ${dataset.name}`,
      summary: `${runs[0]!.examples} examples of split ${dataset.split} at ${dataset.size.join("x")}, computed with ${engineWords()}.`,
      classes: dataset.classes,
      runs,
      seedGroups: seedGroups(seeded, first!.seed),
      gallery: await comparedExamples(dataset, { runs: predicted, count: gallery }),
    };
  } finally {
    await first?.[Symbol.asyncDispose]();
  }
}

interface Look {
  readonly compared: ComparedRun;
  readonly predictions: ExamplePredictions;
  readonly counts: readonly ImageCounts[];
  /** What was made of the run's network; empty for itself. */
  readonly variant: string;
}

function seededRun(run: TrainedRun, { compared, counts, variant }: Look): SeededRun {
  const { name, scores } = compared;
  const training = trainingKey(run, variant);
  return { name, training, seed: run.meta.config.seed, meanIoU: scores.meanIoU, counts };
}

/** What a run is looked at with. */
interface Asked extends CompareOptions {
  readonly name: string;
  /** Of the first run's images; absent of the first. */
  readonly first: readonly ImageCounts[] | undefined;
}

/** The run's ANN in 8 bits; none of a spiking network, of leaky ReLU, or where the training split is not at hand. */
async function inEightBits(run: TrainedRun, asked: Asked): Promise<Look[]> {
  const { model, config } = run;
  const { name } = asked;
  if (!(model instanceof AnnModel) || model.config.leakySlope > 0) return [];
  try {
    using calibration = await readCalibrationImages(config, calibrationBatches);
    const images = calibration.batches.map((batch) => batch.images);
    using quantized = scope("quantize", () => quantizeAnn(model, images));
    const look = await lookAt({ ...run, model: quantized }, { ...asked, name: `${name} in 8 bits` });
    // It was not trained so, and its disturbances were not swept.
    const own = { epochs: [], evaluations: [], robustness: null };
    const facts = { ...look.compared.facts, "in 8 bits": "weights and activations, after training" };
    return [{ ...look, compared: { ...look.compared, ...own, facts }, variant: "in 8 bits" }];
  } catch (error) {
    if (!(error instanceof FileError || error instanceof ConversionError)) throw error;
    asked.listener?.warn?.(`${name} in 8 bits is left out: ${error.message}`);
    return [];
  }
}

async function lookAt(
  run: TrainedRun,
  { name, first, anytime = true, signal, listener = {}, tables = publishedEnergies }: Asked,
): Promise<Look> {
  const total = Math.min(run.loader.batchCount, run.limitBatches ?? run.loader.batchCount);
  const stage = stageOf(listener, { label: name, total, unit: "images" });
  const predictions: Uint8Array[] = [];
  const analysis = await analyzeRun(run, {
    anytime,
    signal,
    onBatch: (images) => stage.step(images, ""),
    onPrediction: (batch, labels) => {
      const pixels = labels.length / batch.ids.length;
      for (let n = 0; n < batch.ids.length; n++) {
        predictions.push(labels.slice(n * pixels, (n + 1) * pixels));
      }
    },
  });
  stage.end();
  const { split } = run.loader.dataset;
  const result = resultOf(analysis.evaluation, { epoch: run.meta.epoch, split });
  const [ofResult, ofLabels] = [resultWarnings(run, result), labelWarnings(analysis.imageCounts, first)];
  for (const warning of ofResult) listener.warn?.(warning);
  for (const warning of ofLabels) listener.warn?.(`${name}: ${warning}`);
  const warnings = [...ofResult, ...ofLabels];
  const scores = analysis.quality.images.map(({ meanIoU }) => meanIoU);
  return {
    compared: await comparedRun(run, { name, analysis, result, warnings, tables, first }),
    predictions: { size: run.loader.dataset.size, predictions, scores },
    counts: analysis.imageCounts,
    variant: "",
  };
}

/** Names given, or those of run folders and checkpoint files; doubles get a number. */
function runNames(paths: readonly string[], given: readonly string[] | undefined): string[] {
  const names = given ?? paths.map((path) => basename(path.replace(/\.safetensors$/, "")) || dirname(path));
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
