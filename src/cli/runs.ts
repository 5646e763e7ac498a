/** `snnseg runs`: the trained runs, numbered. */
import type { Command } from "commander";
import { listRuns, runsFolder } from "../training/index.js";
import type { CommandContext } from "./context.js";
import { addExamples } from "./flags/examples.js";
import { formatShare, formatTable } from "./lines/format.js";

export function define(command: Command, context: CommandContext): void {
  addExamples(command, "runs", "runs /data/experiments --json", "eval 1");
  command
    .description(
      "Lists the runs in a folder, oldest first; eval takes a number of the default folder for a run.",
    )
    .argument("[folder]", "where the runs lie", runsFolder)
    .action(async (folder: string) => {
      const terminal = context.terminal();
      const runs = await listRuns(folder);
      const rows = runs.map(({ number, path, options, epochs, bestMeanIoU, problem }) => [
        ...[String(number), path],
        ...(problem === undefined
          ? [`${options.model} ${options.arch}`, options.dataset ?? "", `${epochs}/${options.epochs}`]
          : ["damaged", "", "–"]),
        formatShare(bestMeanIoU),
      ]);
      const heading = ["number", "run", "network", "data set", "epochs", "best mean IoU"];
      terminal.print(
        runs.length === 0 ? `no runs in ${folder}` : formatTable([heading, ...rows], { left: 4 }),
      );
      for (const { problem } of runs) if (problem !== undefined) terminal.warn(problem);
      terminal.result({ runs });
    });
}
