/** `snnseg export`: a trained network for other programs. */
import { type Command, Option } from "commander";
import type { ConfigKey } from "../config/index.js";
import { type ExportOptions, type ExportTargetName, exportChoices, exportTargets } from "../export/index.js";
import { exportRun } from "../runs/index.js";
import type { CommandContext } from "./context.js";
import { addConfigFlags, givenFlags } from "./flags/config-flags.js";
import { addExamples } from "./flags/examples.js";

type Words = ExportOptions & {
  readonly to: ExportTargetName;
  readonly output?: string;
  readonly overwrite?: true;
  readonly last?: true;
};

const flags: readonly ConfigKey[] = ["timesteps", "root", "classes"];

export function define(command: Command, context: CommandContext): void {
  const targets = Object.entries(exportTargets);
  addExamples(
    command,
    "export runs/mine --to onnx",
    "export runs/mine --to onnx --form step --output stream.onnx",
    "export runs/hard --to nir",
    "export runs/mine --to web -o mine.html",
  );
  command
    .description(
      `Writes a trained network in the format of other programs. ${targets.map(([name, { about }]) => `${name}: ${about}`).join("; ")}.`,
    )
    .argument(
      "<run>",
      "a run folder, whose best checkpoint is taken, its number in snnseg runs, or a checkpoint file",
    )
    .addOption(
      new Option("--to <FORMAT>", "the format").choices(targets.map(([name]) => name)).makeOptionMandatory(),
    )
    .option("-o, --output <FILE>", "the file to write; the run's name with the format's ending unless given")
    .option("--overwrite", "replace a file that is there")
    .addOption(
      new Option(
        "--form <NAME>",
        "folded: all timesteps in one call; step: one, with membranes in and out (default: folded)",
      ).choices(exportChoices.form),
    )
    .addOption(
      new Option("--precision <NAME>", "of weights and products (default: fp32)").choices(
        exportChoices.precision,
      ),
    )
    .option("--last", "of a run folder, the last checkpoint instead of the best");
  addConfigFlags(command, flags).action(async (path: string, words: Words) => {
    const { to, output, overwrite, form, precision, last } = words;
    const options = givenFlags(command, flags).values;
    const asked = { to, output, overwrite, form, precision, last, options };
    const exported = await exportRun(path, asked);
    const terminal = context.terminal();
    for (const note of exported.notes) terminal.warn(note);
    const megabytes = (exported.bytes / 1e6).toFixed(2);
    terminal.print(`${exported.checkpoint} to ${exported.file}, ${megabytes} MB: ${exported.contents}`);
    terminal.result({ ...exported, to });
  });
}
