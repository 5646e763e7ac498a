/** A conversion from start to end: calibrate, convert, describe, score, save, and draw the curve. */
import { basename } from "node:path";
import type { Config, Layer, ResolvedConfig } from "../../config/index.js";
import {
  annModel,
  type Conversion,
  conversionWarnings,
  convertToSnn,
  layerReport,
} from "../../conversion/index.js";
import type { Loader } from "../../datasets/index.js";
import type { LineChart } from "../../report/index.js";
import { type JsonObject, saveCheckpoint } from "../../serialization/index.js";
import {
  checkFresh,
  createEvalLoader,
  type EvaluationResult,
  evaluate,
  freshRunPath,
  RunFolder,
  resultOf,
  Stopwatch,
  splitsOf,
  type TimeRecord,
} from "../../training/index.js";
import type { CommandContext } from "../context.js";
import type { ConvertWords } from "../convert.js";
import { prepareEngine } from "../environment.js";
import { formatCount, formatShare, formatTable } from "../format.js";
import { Progress } from "../progress.js";
import { scoreJson, scoreLines } from "../score-lines.js";
import { warnOf } from "../suspicion-warnings.js";
import type { Terminal } from "../terminal.js";
import { warnOfResult } from "../trained-run.js";
import { type AnnCheckpoint, loadAnn, spikingOptions } from "./ann-checkpoint.js";
import { type Calibration, checkDataset, readCalibration } from "./calibration.js";
import { directRun, latencyChart, latencyCurves, type MethodCurve, possibleMethods } from "./latency.js";
import { layerLines } from "./layer-lines.js";
import { storedThresholds, withThresholds } from "./stored-thresholds.js";
import { type ConvertedRun, saveConvertedRun, saveCurve, saveReport } from "./write-run.js";

/** Runs the command. */
export async function convertRun(
  path: string,
  {
    words,
    given,
    context,
  }: { readonly words: ConvertWords; readonly given: Layer; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const ann = await loadAnn(path, words);
  const resolved = spikingOptions(ann, { words, given });
  const { config } = resolved;
  const environment = prepareEngine({ ...config, device: "cpu" });
  const folder = new RunFolder(
    config.run ?? freshRunPath(`${config.dataset}-${config.arch}-${words.method}`),
  );
  checkFresh(folder);
  await using loader = await createEvalLoader(config, { split: splitsOf(config).evaluate });
  checkDataset(ann.meta, loader.dataset, ann.file);
  warnOf([loader.dataset], terminal);
  const { conversion, layers, calibration } = await convertAndDescribe(ann, { words, config, terminal });
  using model = conversion.model;
  const { result: annResult } = await score(
    annModel({ ...ann.network, state: ann.checkpoint.tensors }),
    { ...config, model: "ann" },
    { ann, loader, terminal },
  );
  const { result, time } = await score(model, config, { ann, loader, terminal });
  const run = { ann, resolved, environment, words, conversion, calibration, layers, result, time, loader };
  const files = await saveConvertedRun(folder, run);
  terminal.print(scoreLines(result, loader.dataset.classes));
  warnOfResult({ model, loader }, result, terminal);
  const lost = result.meanIoU - annResult.meanIoU;
  terminal.print(
    `\nmean IoU ${formatShare(result.meanIoU)} after ${config.timesteps} timesteps, the ANN's is ` +
      `${formatShare(annResult.meanIoU)} (${lost >= 0 ? "+" : ""}${(100 * lost).toFixed(2)} points)`,
  );
  terminal.print(`run     ${folder.path}`);
  terminal.print(`layers  ${files.layers}`);
  const curve = words.curve === undefined ? undefined : await curves(ann, { words, resolved, terminal });
  const chart = curve && drawn(curve, annResult);
  const curveFiles =
    curve && chart && (await saveCurve(folder, { ...curve, annMeanIoU: annResult.meanIoU, chart }));
  if (curve !== undefined) terminal.print(`\n${curveLines(curve.methods)}\ncurve   ${curveFiles!.picture}`);
  const report = await saveReport(folder, run, { annResult, curve: chart, pictures: files.pictures });
  terminal.print(`report  ${report}`);
  terminal.result({
    ...scoreJson(result, loader.dataset.classes),
    run: folder.path,
    checkpoint: folder.best,
    annMeanIoU: annResult.meanIoU,
    layers,
    curve: curve?.methods,
    files: { ...files, ...curveFiles, report },
  });
}

async function convertAndDescribe(
  ann: AnnCheckpoint,
  {
    words,
    config,
    terminal,
  }: { readonly words: ConvertWords; readonly config: Config; readonly terminal: Terminal },
): Promise<Pick<ConvertedRun, "conversion" | "layers" | "calibration">> {
  using calibration = await readCalibration(config, words.batches);
  const conversion = await convert(ann, { words, config, calibration, terminal });
  const layers = layerReport(conversion, calibration.batches);
  const { examples, poissonLoss } = calibration;
  const { found } = conversion;
  const { network, file } = ann;
  terminal.print(
    `${file}: ${network.config.arch} to ${config.timesteps} timesteps, method ${words.method}, thresholds per ` +
      `${words.thresholds} from ${examples} images, ${config.encoding} coding`,
  );
  terminal.print(`\n${layerLines(layers)}\n`);
  const { encoding } = config;
  for (const line of conversionWarnings({ ann: network, layers, found, examples, encoding, poissonLoss })) {
    terminal.warn(line);
  }
  return { conversion, layers, calibration: calibration.origin };
}

/** Converts, with stored thresholds where they were searched for under the same conditions. */
async function convert(
  { file, checkpoint, network }: AnnCheckpoint,
  {
    words,
    config,
    calibration,
    terminal,
  }: {
    readonly words: ConvertWords;
    readonly config: Config;
    readonly calibration: Calibration;
    readonly terminal: Terminal;
  },
): Promise<Conversion> {
  const { method, thresholds: type, scale, percentile } = words;
  const { timesteps, leak, imbalance, encoding } = config;
  const key = { type, timesteps };
  const batchNorm = !words.ignoreBatchNorm;
  const conditions = { leak, imbalance, encoding, batchNorm, calibration: calibration.origin };
  const name = `${type}.${timesteps}`;
  const searches = (checkpoint.meta.thresholdSearches ?? {}) as Record<string, unknown>;
  const same = JSON.stringify(searches[name]) === JSON.stringify(conditions);
  const reuse = method === "paper" && same && words.reset === undefined;
  const spiking = [...checkpoint.thresholds.keys()]
    .filter((stored) => stored.startsWith(`${name}.`))
    .map((stored) => stored.slice(name.length + 1));
  const found =
    reuse && spiking.length > 0 ? storedThresholds(checkpoint.thresholds, key, spiking) : undefined;
  if (found !== undefined) terminal.note(`thresholds of ${file} for ${name} reused; --reset searches again`);
  const progress = new Progress(terminal.human, { label: "find thresholds", total: 0, unit: "layers" });
  const conversion = convertToSnn(network, calibration.batches, {
    ...{ method, type, timesteps, leak, found },
    ...(scale === undefined ? {} : { scale }),
    ...(percentile === undefined ? {} : { percentile }),
    ...(imbalance === null ? {} : { imbalance }),
    onLayer: (layer) => {
      if (!terminal.quiet) progress.step(1, layer);
    },
  });
  if (!terminal.quiet) progress.end();
  if (method === "paper" && found === undefined) {
    const meta = { ...checkpoint.meta, thresholdSearches: { ...searches, [name]: conditions } } as JsonObject;
    const thresholds = withThresholds(checkpoint.thresholds, key, conversion.found);
    await saveCheckpoint(file, { ...checkpoint, thresholds, meta });
  }
  return conversion;
}

/** Scores an ANN or a spiking network; disposes the ANN, which is made for this only. */
async function score(
  model: Conversion["model"] | ReturnType<typeof annModel>,
  config: Config,
  {
    ann,
    loader,
    terminal,
  }: { readonly ann: AnnCheckpoint; readonly loader: Loader; readonly terminal: Terminal },
): Promise<{ readonly result: EvaluationResult; readonly time: TimeRecord }> {
  const { dataset, batchCount } = loader;
  const total = Math.min(batchCount, config.limitBatches ?? batchCount);
  const progress = new Progress(terminal.human, {
    label: `score the ${config.model}`,
    total,
    unit: "images",
  });
  const clock = new Stopwatch();
  const evaluation = await evaluate(model, loader, {
    input: { model: config.model, encoding: config.encoding, timesteps: config.timesteps, device: "cpu" },
    seed: config.seed,
    batchSize: config.evalBatchSize,
    limitBatches: config.limitBatches,
    trainPixels: ann.meta.trainPixels,
    onBatch: (images) => {
      clock.images += images;
      if (!terminal.quiet) progress.step(images, "");
    },
  });
  clock.waitingShare = loader.waitingShare();
  const time = clock.record();
  if (!terminal.quiet) progress.end();
  if (config.model === "ann") model.dispose();
  return { result: resultOf(evaluation, { epoch: ann.meta.epoch, split: dataset.split }), time };
}

type Curves = { readonly methods: MethodCurve[]; readonly direct: Awaited<ReturnType<typeof directRun>> };

async function curves(
  ann: AnnCheckpoint,
  {
    words,
    resolved,
    terminal,
  }: { readonly words: ConvertWords; readonly resolved: ResolvedConfig; readonly terminal: Terminal },
): Promise<Curves> {
  const { config } = resolved;
  const possible = possibleMethods(ann);
  const methods = words.curve === true || words.curve === undefined ? possible : words.curve;
  await using loader = await createEvalLoader(config, { split: splitsOf(config).evaluate });
  const perMethod = Math.min(loader.batchCount, config.limitBatches ?? loader.batchCount);
  const total = methods.length * perMethod;
  const progress = new Progress(terminal.human, { label: "latency curve", total, unit: "images" });
  const onBatch = (images: number) => {
    if (!terminal.quiet) progress.step(images, "");
  };
  const done: MethodCurve[] = [];
  for await (const curve of latencyCurves(ann, { methods, words, config, loader, onBatch })) done.push(curve);
  if (!terminal.quiet) progress.end();
  const direct = words.direct === undefined ? undefined : await directRun(words.direct);
  return { methods: done, direct };
}

function drawn({ methods, direct }: Curves, { meanIoU }: EvaluationResult): LineChart {
  const named = direct === undefined ? undefined : { ...direct, run: basename(direct.run) };
  return latencyChart(methods, { annMeanIoU: meanIoU, direct: named });
}

function curveLines(methods: readonly MethodCurve[]): string {
  const timesteps = methods[0]?.points.map((point) => point.timesteps) ?? [];
  const rows = timesteps.map((t, i) => [
    String(t),
    ...methods.map(({ points }) => formatShare(points[i]!.scores.meanIoU)),
    ...methods.map(({ points }) => formatCount(Math.round(points[i]!.spikesPerExample))),
  ]);
  const names = methods.map(({ method }) => method);
  return formatTable([["timesteps", ...names, ...names.map((name) => `spikes, ${name}`)], ...rows]);
}
