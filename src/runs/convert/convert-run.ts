/** A conversion from start to end: calibrate, convert, describe, score, save, and draw the curve. */
import { basename } from "node:path";
import type { Config, ResolvedConfig } from "../../config/index.js";
import { annModel, type LayerReport } from "../../conversion/index.js";
import { prepareEngine } from "../../environment/index.js";
import type { LineChart } from "../../report/index.js";
import {
  checkFresh,
  createEvalLoader,
  type EvaluationResult,
  freshRunPath,
  lockRun,
  RunFolder,
  splitsOf,
} from "../../training/index.js";
import { type Listener, stageOf } from "../listener.js";
import type { GivenOptions } from "../open-run.js";
import { warnOf } from "../suspicion-warnings.js";
import { resultWarnings } from "../trained-run.js";
import { type AnnCheckpoint, loadAnn, spikingOptions } from "./ann-checkpoint.js";
import { checkDataset } from "./calibration-images.js";
import { type ConvertOptions, convertDefaults } from "./convert-options.js";
import type { ConvertedRun } from "./converted-run.js";
import { type DescribedConversion, describeConversion } from "./describe-conversion.js";
import {
  type DirectRun,
  directRun,
  latencyChart,
  latencyCurves,
  type MethodCurve,
  possibleMethods,
} from "./method-curves.js";
import { scoreNetwork } from "./score-network.js";
import { saveConvertedRun, saveCurve, saveReport } from "./write-run.js";

/** Told of every part of a conversion as it is done. */
export interface ConversionListener extends Listener {
  /**
   * The network is converted, not scored yet.
   *
   * @param conversion - its model is disposed when the conversion is over
   * @param ann - what it was made of
   * @param config - all options of the spiking run
   */
  converted?(conversion: DescribedConversion, ann: AnnCheckpoint, config: Config): void;
  /**
   * Both networks are scored, and the run's files but its report are written. @param scores - the spiking network's,
   * and what of the ANN's is left
   */
  scored?(scores: ConversionScores): void;
  /**
   * The curve is there, where one was asked for.
   *
   * @param methods - a curve for each
   * @param picture - path of its chart
   */
  curveDrawn?(methods: readonly MethodCurve[], picture: string): void;
}

/** What is left of the ANN's scores. */
export interface ConversionScores {
  /** The spiking network's scores. */
  readonly result: EvaluationResult;
  /** The ANN's, on the same examples. */
  readonly annMeanIoU: number;
  /** Names of the classes, in the order of `result.perClassIoU`. */
  readonly classes: readonly string[];
  /** T of the spiking network. */
  readonly timesteps: number;
  /** The new run's folder. */
  readonly run: string;
  /** The picture of all layers. */
  readonly layersPicture: string;
  /** What the scores do not say by themselves; empty where nothing is the matter. */
  readonly warnings: readonly string[];
}

/** What a conversion has written and found. */
export interface ConvertRunResult extends ConversionScores {
  /** What conversion did to each layer. */
  readonly layers: readonly LayerReport[];
  /** The checkpoint's file. */
  readonly checkpoint: string;
  /** Scores over timesteps, where they were asked for. */
  readonly curve: readonly MethodCurve[] | undefined;
  /** Files by what they show. */
  readonly files: Readonly<Record<string, string | undefined>>;
}

/**
 * Converts a run's ANN into a spiking network of the same architecture, scores both, and leaves a run folder with
 * weights, a report and pictures. The ANN's checkpoint is only read.
 *
 * @param path - as in `loadRun`
 * @param words - method and thresholds; `options` of the spiking run that beat the ANN's, such as `timesteps` and `run`, the
 *   new folder; and a listener
 * @throws as `loadRun`; OptionError if the network is no ANN, or the folder holds a run; ConversionError if the method
 * cannot convert it
 * @example
 * // not run: needs a run folder
 * import { convertRun } from "snnseg";
 *
 * const options = { timesteps: 32, run: "runs/my-converted" };
 * const { result, annMeanIoU, files } = await convertRun("runs/my-ann", { method: "initial", batches: 4, options });
 * console.log(`${annMeanIoU} as an ANN, ${result.meanIoU} with spikes; see ${files.report}`);
 */
export async function convertRun(
  path: string,
  {
    options = {},
    listener = {},
    ...words
  }: Partial<ConvertOptions> & {
    readonly options?: GivenOptions;
    readonly listener?: ConversionListener;
  } = {},
): Promise<ConvertRunResult> {
  const asked: ConvertOptions = { ...convertDefaults, ...words };
  const ann = await loadAnn(path, asked);
  const resolved = spikingOptions(ann, { method: asked.method, options });
  const { config } = resolved;
  const environment = prepareEngine(config);
  const folder = new RunFolder(
    config.run ?? freshRunPath(`${config.dataset}-${config.arch}-${asked.method}`),
  );
  await using _lock = await lockRun(folder);
  await checkFresh(folder);
  await using loader = await createEvalLoader(config, { split: splitsOf(config).evaluate });
  const { dataset } = loader;
  checkDataset(ann.network.config, dataset, ann.file);
  warnOf([dataset], listener);
  const described = await describeConversion(ann, { asked, config, listener });
  using model = described.conversion.model;
  listener.converted?.(described, ann, config);
  const scoring = { ann, loader, listener };
  const annResult = await scoreAnn(ann, config, scoring);
  const { result, time } = await scoreNetwork(model, config, scoring);
  const run: ConvertedRun = { ...described, ann, resolved, environment, asked, result, time, loader };
  const files = await saveConvertedRun(folder, run);
  const scores: ConversionScores = {
    ...{ result, annMeanIoU: annResult.meanIoU, classes: dataset.classes, timesteps: config.timesteps },
    ...{ run: folder.path, layersPicture: files.layers, warnings: resultWarnings({ model, loader }, result) },
  };
  listener.scored?.(scores);
  const curves = asked.curve && (await drawCurves(ann, { asked, resolved, listener }));
  const chart = curves && chartOf(curves, annResult.meanIoU);
  const curveFiles =
    curves && chart && (await saveCurve(folder, { ...curves, annMeanIoU: annResult.meanIoU, chart }));
  if (curves && curveFiles) listener.curveDrawn?.(curves.methods, curveFiles.picture);
  const report = await saveReport(folder, run, { annResult, curve: chart, pictures: files.pictures });
  return {
    ...scores,
    layers: run.layers,
    checkpoint: folder.best,
    curve: curves?.methods,
    files: { ...files, ...curveFiles, report },
  };
}

/** The ANN's scores, with the batch norm that it was trained with. */
async function scoreAnn(
  ann: AnnCheckpoint,
  config: Config,
  scoring: Parameters<typeof scoreNetwork>[2],
): Promise<ConvertedRun["result"]> {
  using model = annModel({ ...ann.network, state: ann.checkpoint.tensors }, config.device);
  return (await scoreNetwork(model, { ...config, model: "ann" }, scoring)).result;
}

type Curves = { readonly methods: MethodCurve[]; readonly direct: DirectRun | undefined };

async function drawCurves(
  ann: AnnCheckpoint,
  {
    asked,
    resolved: { config },
    listener,
  }: { readonly asked: ConvertOptions; readonly resolved: ResolvedConfig; readonly listener: Listener },
): Promise<Curves> {
  const possible = possibleMethods(ann);
  const methods = asked.curve === true || asked.curve === undefined ? possible : asked.curve;
  await using loader = await createEvalLoader(config, { split: splitsOf(config).evaluate });
  const perMethod = Math.min(loader.batchCount, config.limitBatches ?? loader.batchCount);
  const total = methods.length * perMethod;
  const stage = stageOf(listener, { label: "latency curve", total, unit: "images" });
  const onBatch = (images: number) => stage.step(images, "");
  const done: MethodCurve[] = [];
  for await (const curve of latencyCurves(ann, { methods, asked, config, loader, onBatch })) done.push(curve);
  stage.end();
  const direct = asked.direct === undefined ? undefined : await directRun(asked.direct);
  return { methods: done, direct };
}

function chartOf({ methods, direct }: Curves, annMeanIoU: number): LineChart {
  const named = direct === undefined ? undefined : { ...direct, run: basename(direct.run) };
  return latencyChart(methods, { annMeanIoU, direct: named });
}
