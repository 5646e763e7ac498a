/** Batch norm's running statistics estimated anew. */
import { OptionError } from "../errors.js";
import { readState } from "../nn/index.js";
import { checkpointPath, saveCheckpoint } from "../serialization/index.js";
import { createTrainLoader, metaJson, settleStatistics, splitsOf } from "../training/index.js";
import { type Listener, stageOf } from "./listener.js";
import type { OpenRunOptions } from "./open-run.js";
import { openTrainedRun } from "./trained-run.js";

/** Where statistics come from. */
export interface SettledRun {
  /** The file that was written. */
  readonly checkpoint: string;
  /** The checkpoint that was read. */
  readonly from: string;
  /** Batches seen. */
  readonly batches: number;
  /** Examples a batch, as in training. */
  readonly batchSize: number;
  /** The training split, which the batches came from. */
  readonly split: string;
}

/**
 * Opens a run, estimates the statistics on `batches` batches of its training split (default 100), with the weights as
 * they are, and saves a checkpoint without scores.
 *
 * @param path - as in {@link loadRun}; only read
 * @param out - the new checkpoint, with or without `.safetensors`
 * @param options - `batches`, a listener, and those of {@link openTrainedRun}
 * @throws as `openTrainedRun`; OptionError if the network has no batch norm, or would be overwritten
 */
export async function settleRun(
  path: string,
  out: string,
  {
    batches = 100,
    listener = {},
    ...opening
  }: OpenRunOptions & { readonly batches?: number; readonly listener?: Listener } = {},
): Promise<SettledRun> {
  await using run = await openTrainedRun(path, opening);
  const { file, meta, model, config, input, seed } = run;
  const checkpoint = checkpointPath(out);
  if (checkpoint === file) {
    throw new OptionError(
      `settle ${file}: expected another checkpoint to write, received the same; name a new one`,
    );
  }
  const { batchSize } = config;
  await using loader = await createTrainLoader(config, splitsOf(config).train);
  const { split } = loader.dataset;
  const total = Math.min(batches, loader.batchCount);
  const stage = stageOf(listener, { label: "settle", total, unit: "images" });
  const onBatch = (images: number) => stage.step(images, "");
  const seen = await settleStatistics(model, loader, { input, seed, batches, onBatch });
  stage.end();
  // Scores and progress were those of other statistics.
  const { progress: _, ...kept } = meta;
  const settled = { from: file, batches: seen, batchSize, split };
  const described = metaJson({ ...kept, scores: null, settled });
  await saveCheckpoint(checkpoint, { tensors: readState(model), meta: described });
  return { checkpoint, ...settled };
}
