/** The run folder of a converted network: as a trained one's, with a report of the conversion beside it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { conversionMethods, methodTraits } from "../../conversion/index.js";
import { writeFileAtomic } from "../../files/index.js";
import { readState } from "../../nn/index.js";
import { htmlReport, type LineChart, lineChartSvg, svgToPng } from "../../report/index.js";
import { saveCheckpoint } from "../../serialization/index.js";
import {
  type CheckpointMeta,
  chosenExamples,
  type EvaluationResult,
  MetricsLog,
  machineKeys,
  metaJson,
  optionsInForce,
  predictExamples,
  type RunFolder,
  runRecordOf,
  writeRunRecord,
} from "../../training/index.js";
import { examplePicture } from "../write-results.js";
import { conversionReport } from "./conversion-report.js";
import type { ConvertedRun } from "./converted-run.js";
import { layerChart } from "./layer-rows.js";
import type { DirectRun, MethodCurve } from "./method-curves.js";

/** Writes everything but the curve and the page; returns where what was written lies. */
export async function saveConvertedRun(
  folder: RunFolder,
  { ann, resolved, environment, asked, conversion, calibration, layers, result, time, loader }: ConvertedRun,
): Promise<{ layers: string; conversion: string; pictures: string | undefined }> {
  const { config } = resolved;
  const { model } = conversion;
  await writeRunRecord(folder, runRecordOf(resolved, { model, preset: undefined, environment }));
  const { method, thresholds: type } = asked;
  const { takesPercentile, scale: usualScale } = methodTraits[method];
  const { scale = usualScale, percentile = 0.999, batches } = asked;
  const about = {
    ...{ from: ann.file, method, type, scale, batches, calibration },
    ...(takesPercentile ? { percentile } : {}),
    ...(asked.ignoreBatchNorm ? { ignoreBatchNorm: true } : {}),
  };
  const keys = optionsInForce(config, model).filter((key) => !machineKeys.includes(key));
  const { classes, trainPixels, epoch } = ann.checkpoint.meta;
  const meta: CheckpointMeta & { readonly conversion: typeof about } = {
    model: model.config,
    config: Object.fromEntries(keys.map((key) => [key, config[key]])),
    classes,
    trainPixels,
    epoch,
    step: 0,
    scores: result,
    conversion: about,
  };
  await saveCheckpoint(folder.best, {
    tensors: readState(model),
    meta: metaJson(meta),
  });
  const log = await MetricsLog.open(folder.metrics, 0);
  await log.append({ kind: "evaluation", ...result, time });
  const facts = join(folder.path, "conversion.json");
  await writeJson(facts, { format: "snnseg-conversion", version: 1, ...about, layers });
  const picture = await writePicture(
    folder,
    "layers",
    await lineChartSvg(layerChart(layers), { width: 860 }),
  );
  return {
    layers: picture,
    conversion: facts,
    pictures: await saveExamples(folder, { resolved, conversion, loader }),
  };
}

/** Writes the curve as JSON, SVG and PNG. */
export async function saveCurve(
  folder: RunFolder,
  {
    methods,
    direct,
    annMeanIoU,
    chart,
  }: {
    readonly methods: readonly MethodCurve[];
    readonly direct: DirectRun | undefined;
    readonly annMeanIoU: number;
    readonly chart: LineChart;
  },
): Promise<{ curve: string; picture: string }> {
  const curve = join(folder.path, "curve.json");
  const about = Object.fromEntries(conversionMethods.map((method) => [method, methodTraits[method].about]));
  await writeJson(curve, { format: "snnseg-latency", version: 1, annMeanIoU, direct, about, methods });
  const svg = await lineChartSvg(chart, { width: 860, height: 420 });
  return { curve, picture: await writePicture(folder, "latency", svg) };
}

/** Writes the page; the pictures must be there. */
export async function saveReport(
  folder: RunFolder,
  run: ConvertedRun,
  {
    pictures,
    ...more
  }: {
    readonly annResult: EvaluationResult;
    readonly curve: LineChart | undefined;
    readonly pictures: string | undefined;
  },
): Promise<string> {
  const png = pictures === undefined ? undefined : await readFile(pictures);
  await writeFileAtomic(folder.report, await htmlReport(conversionReport(folder, { run, png, ...more })));
  return folder.report;
}

async function saveExamples(
  folder: RunFolder,
  { resolved: { config }, conversion, loader }: Pick<ConvertedRun, "resolved" | "conversion" | "loader">,
): Promise<string | undefined> {
  const { dataset } = loader;
  const indices = chosenExamples(dataset, { ids: config.examples, count: config.pictures });
  if (indices.length === 0) return undefined;
  const { seed } = config;
  const examples = await predictExamples(conversion.model, dataset, { indices, input: config, seed });
  const path = folder.picture("examples");
  await writeFileAtomic(path, await examplePicture(examples, dataset));
  return path;
}

async function writePicture(folder: RunFolder, name: string, svg: string): Promise<string> {
  const path = folder.picture(name);
  await writeFileAtomic(path.replace(/png$/, "svg"), svg);
  await writeFileAtomic(path, await svgToPng(svg, { scale: 1.5 }));
  return path;
}

function writeJson(path: string, content: object): Promise<unknown> {
  return writeFileAtomic(path, `${JSON.stringify(content, undefined, 2)}\n`);
}
