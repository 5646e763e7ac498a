/** `snnseg checkpoint settle`: batch norm's running statistics estimated anew. */
import type { Layer } from "../../config/index.js";
import { OptionError } from "../../errors.js";
import { readState } from "../../nn/index.js";
import { checkpointPath, type JsonObject, saveCheckpoint } from "../../serialization/index.js";
import { createTrainLoader, runPath, settleStatistics, splitsOf } from "../../training/index.js";
import { Progress } from "../progress.js";
import type { Terminal } from "../terminal.js";
import { openTrainedRun } from "../trained-run.js";

/**
 * Opens a run, estimates the statistics on its training split, and saves a checkpoint without scores.
 *
 * @throws OptionError if the network has no batch norm, or would be overwritten
 */
export async function settle(
  path: string,
  {
    out,
    batches,
    last,
    given,
    terminal,
  }: {
    readonly out: string;
    readonly batches: number;
    readonly last?: boolean;
    readonly given: Layer;
    readonly terminal: Terminal;
  },
): Promise<void> {
  await using run = await openTrainedRun(await runPath(path), { given, last });
  const { file, meta, model, config, input, seed } = run;
  const checkpoint = checkpointPath(out);
  if (checkpoint === file) {
    throw new OptionError(
      `settle ${file}: expected another checkpoint to write, received the same; name a new one`,
    );
  }
  const { batchSize } = config;
  await using loader = await createTrainLoader(config, splitsOf(config).train);
  const total = Math.min(batches, loader.batchCount);
  const progress = new Progress(terminal.human, { label: "settle", total, unit: "images" });
  const onBatch = (images: number) => {
    if (!terminal.quiet) progress.step(images, "");
  };
  const seen = await settleStatistics(model, loader, { input, seed, batchSize, batches, onBatch });
  if (!terminal.quiet) progress.end();
  // Scores and progress were those of other statistics.
  const { progress: _, ...kept } = meta;
  const settled = { from: file, batches: seen, batchSize, split: loader.dataset.split };
  await saveCheckpoint(checkpoint, {
    tensors: readState(model),
    meta: { ...kept, scores: null, settled } as unknown as JsonObject,
  });
  terminal.print(
    `${file}: statistics of ${seen} batches of split ${loader.dataset.split} to ${checkpoint}; score it with ` +
      `snnseg eval ${checkpoint}`,
  );
  terminal.result({ checkpoint, ...settled });
}
