/** mIoU over timesteps of one ANN converted in several ways. */
import type { Config } from "../../config/index.js";
import {
  type ConversionMethod,
  conversionMethods,
  convertAnn,
  doublingTimesteps,
  type LatencyBatch,
  type LatencyPoint,
  latencyCurve,
  methodTraits,
  withTimesteps,
} from "../../conversion/index.js";
import type { Loader } from "../../datasets/index.js";
import { scope, tensorFrom, toDevice } from "../../engine/index.js";
import type { LineChart } from "../../report/index.js";
import { checkpointFile } from "../../serialization/index.js";
import { readTrainedMeta, runPath } from "../../training/index.js";
import type { AnnCheckpoint } from "./ann-checkpoint.js";
import { framesOf, readCalibrationImages } from "./calibration-images.js";
import type { ConvertOptions } from "./convert-options.js";

/** Scores over timesteps of an ANN that was converted by one method. */
export type MethodCurve = {
  /** How it was converted. */
  readonly method: ConversionMethod;
  /** After 1, 2, 4 … timesteps. */
  readonly points: readonly LatencyPoint[];
};

/** A spiking network that was trained as such, for comparison. */
export type DirectRun = { readonly run: string; readonly timesteps: number; readonly meanIoU: number };

/** The methods that this ANN can be converted by. */
export function possibleMethods({ network: { config } }: AnnCheckpoint): ConversionMethod[] {
  return conversionMethods.filter((method) => {
    if (method === "qcfs") return (config.activationLevels ?? 0) > 0;
    return method !== "calibrate" || config.leakySlope === 0;
  });
}

/** Converts for the curve's last timestep by each method, and scores on the way there. */
export async function* latencyCurves(
  ann: AnnCheckpoint,
  {
    methods,
    asked,
    config,
    loader,
    onBatch,
  }: {
    readonly methods: readonly ConversionMethod[];
    readonly asked: ConvertOptions;
    readonly config: Config;
    readonly loader: Loader;
    readonly onBatch?: (examples: number) => void;
  },
): AsyncGenerator<MethodCurve, void, undefined> {
  const { curveTo: timesteps, thresholds: type, percentile } = asked;
  for (const method of methods) {
    const fed: Config = { ...config, encoding: methodTraits[method].encoding };
    using calibration = await readCalibrationImages(fed, asked.batches);
    const conversion = convertAnn(ann.network, calibration.batches, {
      method,
      // One scale for all methods would mean different things; each has its own.
      type: method === "paper" || (type === "channel" && method !== "qcfs") ? type : "layer",
      timesteps,
      leak: config.leak,
      ...(percentile === undefined ? {} : { percentile }),
      ...(config.imbalance === null ? {} : { imbalance: config.imbalance }),
    });
    using converted = conversion.model;
    using model = withTimesteps(converted, timesteps);
    const points = await latencyCurve(model, labelledBatches(loader, fed), {
      points: doublingTimesteps(timesteps),
      ...(onBatch === undefined ? {} : { onBatch }),
    });
    yield { method, points };
  }
}

async function* labelledBatches(loader: Loader, config: Config): AsyncGenerator<LatencyBatch> {
  let index = 0;
  let first = 0;
  for await (const batch of loader.batches(0)) {
    if (config.limitBatches !== null && index++ >= config.limitBatches) return;
    using images = scope("images", () => toDevice(tensorFrom(batch.images, batch.shape), config.device));
    const [, height, width] = batch.labelShape;
    const examples = batch.ids.length;
    const frames = framesOf(images, config, { purpose: "evaluate", first });
    yield { frames, size: [height, width], labels: batch.labels, examples };
    first += examples;
  }
}

/** What a directly trained run scored with how many timesteps. */
export async function directRun(path: string): Promise<DirectRun | undefined> {
  const meta = await readTrainedMeta(await checkpointFile(await runPath(path)));
  if (meta.model.kind !== "snn" || meta.scores === null) return undefined;
  return { run: path, timesteps: meta.model.timesteps, meanIoU: meta.scores.meanIoU };
}

/** Mean IoU over timesteps, with the ANN's as a line. */
export function latencyChart(
  curves: readonly MethodCurve[],
  { annMeanIoU, direct }: { readonly annMeanIoU: number; readonly direct: DirectRun | undefined },
): LineChart {
  return {
    title: "Mean IoU over timesteps",
    xName: "timesteps",
    yName: "mean IoU",
    xScale: "log2",
    curves: [
      ...curves.map(({ method, points }) => ({
        name: method,
        points: points.map(({ timesteps, scores }) => [timesteps, scores.meanIoU] as const),
      })),
      ...(direct === undefined
        ? []
        : [{ name: "directly trained", points: [[direct.timesteps, direct.meanIoU] as const] }]),
    ],
    mark: { name: `ANN ${annMeanIoU.toFixed(4)}`, y: annMeanIoU },
  };
}
