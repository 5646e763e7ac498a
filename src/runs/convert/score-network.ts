/** Scores of the ANN and of the network that it was converted to, on the same examples. */
import type { Config } from "../../config/index.js";
import type { Loader } from "../../datasets/index.js";
import type { SegmentationModel } from "../../models/index.js";
import {
  type EvaluationResult,
  evaluate,
  resultOf,
  Stopwatch,
  type TimeRecord,
} from "../../training/index.js";
import { type Listener, stageOf } from "../listener.js";
import type { AnnCheckpoint } from "./ann-checkpoint.js";

/** Scores a network on its device, and how long that took. */
export async function scoreNetwork(
  model: SegmentationModel,
  config: Config,
  {
    ann,
    loader,
    listener,
  }: { readonly ann: AnnCheckpoint; readonly loader: Loader; readonly listener: Listener },
): Promise<{ readonly result: EvaluationResult; readonly time: TimeRecord }> {
  const { dataset, batchCount } = loader;
  const { epoch, trainPixels } = ann.checkpoint.meta;
  const total = Math.min(batchCount, config.limitBatches ?? batchCount);
  const stage = stageOf(listener, { label: `score the ${config.model}`, total, unit: "images" });
  const clock = new Stopwatch();
  const evaluation = await evaluate(model, loader, {
    input: config,
    seed: config.seed,
    limitBatches: config.limitBatches,
    trainPixels,
    onBatch: (images) => {
      clock.images += images;
      stage.step(images, "");
    },
  });
  clock.waitingShare = loader.waitingShare();
  const time = clock.record();
  stage.end();
  return { result: resultOf(evaluation, { epoch, split: dataset.split }), time };
}
