/** `snnseg train`: trains a network, or continues a run. */
import type { Command } from "commander";
import { readConfigFile } from "../../config/index.js";
import { OptionError } from "../../errors.js";
import { RunFolder, resumedConfig } from "../../training/index.js";
import type { CommandContext } from "../context.js";
import { addConfigFlags, addSourceFlags, configOf, givenFlags } from "../flags/config-flags.js";
import { addExamples } from "../flags/examples.js";
import { runTraining } from "./run-training.js";

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "train --preset quick --dataset folder --root mydata --run runs/mine",
    "train --preset quick --dataset folder --root mydata --model ann",
    "train --resume runs/mine",
    "train --init-from runs/mine --timesteps 4 --lr 1e-4 --epochs 5",
  );
  command
    .description(
      "Trains a network, keeps the best and the last checkpoint, and writes pictures and a report.",
    )
    .option("--resume [DIR]", "continue the run in DIR, or in the folder of --run, where it stopped");
  addConfigFlags(addSourceFlags(command)).action(async () => {
    const { resume, run } = command.opts<{ resume?: string | true; run?: string }>();
    if (resume === undefined) {
      await runTraining({ ...(await configOf(command)), begin: "fresh" }, context);
      return;
    }
    const path = resume === true ? run : resume;
    if (path === undefined) {
      throw new OptionError("--resume: expected the folder of a run, received none; write --resume DIR");
    }
    await resumeTraining(command, { path, context });
  });
}

async function resumeTraining(
  command: Command,
  { path, context }: { readonly path: string; readonly context: CommandContext },
): Promise<void> {
  const folder = new RunFolder(path);
  if (folder.hasCheckpoint) {
    const { config: file } = command.opts<{ config?: string }>();
    const given = [...(file === undefined ? [] : [(await readConfigFile(file)).layer]), givenFlags(command)];
    const resolved = await resumedConfig(folder, given);
    await runTraining(
      { ...resolved, config: { ...resolved.config, run: folder.path }, begin: "resume" },
      context,
    );
    return;
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
  await runTraining({ ...order, config: { ...order.config, run: folder.path }, begin: "restart" }, context);
}
