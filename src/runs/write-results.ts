/** The picture and the report that a training run ends with, made from its best checkpoint. */
import type { ResolvedConfig } from "../config/index.js";
import { writeFileAtomic } from "../files/index.js";
import type { SegmentationModel } from "../models/index.js";
import {
  htmlReport,
  labelImage,
  legendOf,
  lossChart,
  pictureGridSvg,
  type RunReport,
  scoreChart,
  svgToPng,
  viewedImage,
} from "../report/index.js";
import { loadCheckpoint } from "../serialization/index.js";
import {
  chosenExamples,
  type EvaluationResult,
  type Experiment,
  evaluationWarnings,
  optionsInForce,
  type PredictedExample,
  predictExamples,
  type RunFolder,
  readMetrics,
  restoreWeights,
  type Scored,
} from "../training/index.js";

type Palette = {
  readonly classes: readonly string[];
  readonly colors: readonly (readonly [number, number, number])[];
};

type Results = {
  readonly folder: RunFolder;
  readonly resolved: ResolvedConfig;
  readonly best: EvaluationResult;
  readonly environment: Readonly<Record<string, string | number>>;
};

/** Input, prediction and truth of examples side by side, as PNG. */
export async function examplePicture(
  examples: readonly PredictedExample[],
  { classes, colors }: Palette,
): Promise<Uint8Array> {
  const rows = examples.map(({ viewed, prediction }) => {
    const paint = (labels: Uint8Array) => labelImage(labels, { size: viewed.size, colors });
    return { title: viewed.id, images: [viewedImage(viewed), paint(prediction), paint(viewed.label)] };
  });
  const labels = examples.flatMap(({ viewed, prediction }) => [viewed.label, prediction]);
  const legend = legendOf(labels, { names: classes, colors });
  return svgToPng(pictureGridSvg({ columns: ["input", "prediction", "truth"], rows, legend }), {
    scale: 1.5,
  });
}

/**
 * Writes `pictures/examples.png` and `report.html`. The experiment's network has the best weights afterwards.
 *
 * @returns the paths written
 */
export async function writeResults(
  experiment: Experiment,
  { folder, resolved, best, environment }: Results,
): Promise<{ picture: string | undefined; report: string }> {
  const { config, model, evalLoader } = experiment;
  const { dataset } = evalLoader;
  restoreWeights(folder.best, model, (await loadCheckpoint(folder.best)).tensors);
  const indices = chosenExamples(dataset, { ids: config.examples, count: config.pictures });
  const examples = await predictExamples(model, dataset, { indices, input: config, seed: config.seed });
  const png = examples.length === 0 ? undefined : await examplePicture(examples, dataset);
  const picture = png === undefined ? undefined : folder.picture("examples");
  if (png !== undefined && picture !== undefined) await writeFileAtomic(picture, png);
  const report = await reportOf(experiment, { folder, resolved, best, environment, png });
  await writeFileAtomic(folder.report, await htmlReport(report));
  return { picture, report: folder.report };
}

async function reportOf(
  { config, model, trainLoader, evalLoader }: Experiment,
  { folder, resolved, best, environment, png }: Results & { readonly png: Uint8Array | undefined },
): Promise<RunReport> {
  const records = await readMetrics(folder.metrics);
  const epochs = records.filter((record) => record.kind === "epoch");
  const evaluations = records.filter((record) => record.kind === "evaluation");
  const { dataset } = evalLoader;
  const parameters = [...model.parameters().values()].reduce((sum, tensor) => sum + tensor.numel, 0);
  const kind = config.model === "snn" ? "Spiking" : "Plain";
  const shown = shownResult(best, dataset);
  return {
    title: `${kind} ${config.arch} on ${dataset.name}`,
    summary:
      `Best of ${evaluations.length} evaluations on split ${best.split}, ` +
      `after epoch ${best.epoch} of ${config.epochs}.`,
    facts: [
      ...shownWarnings(best, { classes: dataset.classes, batchNorm: model.config.batchNorm }),
      ["run", folder.path],
      ["training split", `${trainLoader.dataset.split}, ${trainLoader.dataset.length} examples`],
      ["evaluation split", `${best.split}, ${best.examples} examples`],
      ["parameters", parameters.toLocaleString("en")],
      ...Object.entries(environment).map(([fact, value]) => [fact, String(value)] as const),
    ],
    charts: [lossChart(epochs), scoreChart(evaluations, shown.baseline)],
    tables: [],
    ...shown,
    options: shownOptions(resolved, model),
    pictures: shownPictures(png, best.split),
  };
}

/** An evaluation as a report page shows it. */
export function shownResult(
  result: EvaluationResult,
  { classes, colors }: Palette,
): Pick<RunReport, "scores" | "baseline" | "classes" | "colors" | "rates"> {
  return {
    scores: result,
    baseline: { meanIoU: result.baselineMeanIoU, pixelAccuracy: result.baselinePixelAccuracy },
    classes,
    colors,
    rates: result.rates,
  };
}

/** Facts of a report that warn. */
export function shownWarnings(result: EvaluationResult, scored: Scored): RunReport["facts"] {
  return evaluationWarnings(result, scored).map((warning) => ["warning", warning]);
}

/** The options that are in force in a run and have a value. */
export function shownOptions(
  { config, sources }: ResolvedConfig,
  model: SegmentationModel,
): RunReport["options"] {
  const keys = optionsInForce(config, model).filter(
    (key) => config[key] !== null && String(config[key]) !== "",
  );
  return keys.map((key) => ({
    name: key,
    value: key === "imgSize" ? config.imgSize.join("x") : String(config[key]),
    source: sources[key],
  }));
}

/** The picture of examples, where there is one. */
export function shownPictures(png: Uint8Array | undefined, split: string): RunReport["pictures"] {
  return png === undefined ? [] : [{ caption: `Examples of split ${split}`, png }];
}
