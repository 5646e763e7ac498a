/** `snnseg train`: trains a network, or continues a run. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { readConfigFile } from "../../config/index.js";
import { checkShares, endWithLauncher, rankEnvironment, tellLauncher } from "../../distributed/index.js";
import { FileError, OptionError, SnnsegError } from "../../errors.js";
import type { TrainingOrder } from "../../runs/index.js";
import { RunFolder, readMetrics, resumedConfig } from "../../training/index.js";
import type { CommandContext } from "../context.js";
import { addConfigFlags, addSourceFlags, configOf, givenFlags } from "../flags/config-flags.js";
import { addExamples } from "../flags/examples.js";
import { positiveInteger } from "../flags/positive-integer.js";
import { rankTimeout } from "../flags/rank-timeout.js";
import { launchTraining } from "./launch-training.js";
import { runTraining } from "./run-training.js";

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "train --preset quick --dataset folder --root mydata --run runs/mine",
    "train --preset quick --dataset folder --root mydata --nproc 2 --sync-norm",
    "train --resume runs/mine",
    "train --init-from runs/mine --timesteps 4 --lr 1e-4 --epochs 5",
  );
  command
    .description(
      "Trains a network, keeps the best and the last checkpoint, and writes pictures and a report.",
    )
    .option("--resume [DIR]", "continue the run in DIR, or in the folder of --run, where it stopped")
    .option("--nproc <N>", "start N processes here that share every batch", positiveInteger)
    .option(
      "--rank-timeout <SECONDS>",
      "how long several processes wait for each other (default: 20 at the start, 300 later)",
      rankTimeout,
    );
  addConfigFlags(addSourceFlags(command)).action(async () => {
    endWithLauncher();
    const { nproc, rankTimeout: timeout } = command.opts<{ nproc?: number; rankTimeout?: number }>();
    const order = await orderOf(command, context);
    if (nproc !== undefined && nproc > 1) {
      checkShares(order.config.batchSize, nproc);
      await launchTraining(nproc, context);
      return;
    }
    const place = rankEnvironment(process.env);
    if (place === undefined) {
      await runTraining(order, context);
      return;
    }
    try {
      await runTraining(order, context, { place, timeout });
    } catch (error) {
      if (error instanceof Error) tellLauncher(error.message);
      // Logs of several ranks are read together.
      if (error instanceof SnnsegError) error.message = `rank ${place.rank}: ${error.message}`;
      throw error;
    }
  });
}

/** What to train, as the command line says. */
async function orderOf(command: Command, context: CommandContext): Promise<TrainingOrder> {
  const { resume, run } = command.opts<{ resume?: string | true; run?: string }>();
  if (resume === undefined) return { ...(await configOf(command)), begin: "fresh" };
  const path = resume === true ? run : resume;
  if (path === undefined) {
    throw new OptionError("--resume: expected the folder of a run, received none; write --resume DIR");
  }
  if (run !== undefined && resolve(run) !== resolve(path)) {
    throw new OptionError(
      `--run: expected none beside --resume ${path}, received ${run}; leave one of them out`,
    );
  }
  return await resumedOrder(command, { path, context });
}

async function resumedOrder(
  command: Command,
  { path, context }: { readonly path: string; readonly context: CommandContext },
): Promise<TrainingOrder> {
  const folder = new RunFolder(path);
  if (folder.hasCheckpoint) {
    const { config: file } = command.opts<{ config?: string }>();
    const given = [...(file === undefined ? [] : [(await readConfigFile(file)).layer]), givenFlags(command)];
    const resolved = await resumedConfig(folder, given);
    return { ...resolved, config: { ...resolved.config, run: folder.path }, begin: "resume" };
  }
  const epochs = (await readMetrics(folder.metrics)).filter(({ kind }) => kind === "epoch").length;
  // A best checkpoint without a last one has a run that was killed between the two, and one that was converted.
  if (epochs > 1 || (epochs === 0 && existsSync(folder.best))) {
    throw new FileError(
      `--resume: expected ${folder.last}, received none; restore it, ` +
        `or start a new run from the weights of the best checkpoint with --init-from ${folder.path}`,
    );
  }
  // Killed before the first checkpoint: the run begins anew and ends the same.
  const started = folder.hasRun ? await resumedConfig(folder, [givenFlags(command)]) : undefined;
  if (
    started === undefined &&
    Object.keys(givenFlags(command).values).filter((key) => key !== "run").length === 0
  ) {
    const { preset, config } = command.opts<{ preset?: string; config?: string }>();
    if (preset === undefined && config === undefined) {
      throw new OptionError(
        `--resume: expected the folder of a run, received ${folder.path}; check the path`,
      );
    }
  }
  context.terminal().note(`nothing was saved in ${folder.path} yet; starting from the beginning`);
  const order = started ?? (await configOf(command));
  return { ...order, config: { ...order.config, run: folder.path }, begin: "restart" };
}
