/** `snnseg checkpoint`: looking at weights, and moving them between programs, without running foreign code. */
import { type Command, Option } from "commander";
import { suggestion } from "../../checks/index.js";
import type { ConfigKey } from "../../config/index.js";
import { OptionError } from "../../errors.js";
import { importOptions } from "../../runs/index.js";
import { type ThresholdType, thresholdTypes } from "../../serialization/index.js";
import type { CommandContext } from "../context.js";
import { addConfigFlags, givenFlags } from "../flags/config-flags.js";
import { addExamples } from "../flags/examples.js";
import { placeFlags } from "../flags/place-flags.js";
import { positiveInteger } from "../flags/positive-integer.js";

/** Flags that say where data and machine are while statistics are settled. */
const settleFlags: readonly ConfigKey[] = [...placeFlags, "trainSplit", "trainList", "batchSize"];

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "checkpoint inspect runs/mine",
    "checkpoint import best.pth imported.safetensors",
    "checkpoint export runs/mine weights.pth",
    "checkpoint diff runs/a runs/b",
  );
  command.description(
    "Looks at checkpoints and moves weights between snnseg, PyTorch and safetensors. Files are read as data; whatever " +
      "else a PyTorch file holds is named and refused.",
  );
  command.allowExcessArguments().action(() => {
    const [word] = command.args;
    if (word === undefined) command.help();
    const known = command.commands.map((each) => each.name());
    throw new OptionError(`checkpoint: expected a command, received ${word}; ${suggestion(word, known)}`);
  });
  defineInspect(command, context);
  defineImport(command, context);
  defineExport(command, context);
  defineMigrate(command, context);
  defineDiff(command, context);
  defineSettle(command, context);
}

function defineInspect(parent: Command, context: CommandContext): void {
  const command = parent
    .command("inspect")
    .description("Lists arrays with type, shape, range and share of zeros, and what lies beside them.")
    .argument("<file>", "a run, a checkpoint, a .safetensors, .pth or .pt file");
  addExamples(command, "checkpoint inspect runs/voc-1", "checkpoint inspect vgg16-397923af.pth --json");
  command.action(async (file: string) => {
    const { inspect } = await import("./inspect.js");
    await inspect(file, context.terminal());
  });
}

function defineImport(parent: Command, context: CommandContext): void {
  const command = parent
    .command("import")
    .description(
      "Turns a PyTorch or safetensors file into a checkpoint. The network is told from the shapes of the weights, its " +
        "other options from the file's config, flags beat both.",
    )
    .argument("<file>", "a .pth, .pt or .safetensors file: a state dict, or a dict that holds one")
    .argument("<checkpoint>", "the checkpoint to write")
    .addOption(thresholdOption("type of thresholds that an old file holds as a bare list"))
    .option(
      "--num-classes <N>",
      "classes of a network that starts from torchvision's VGG weights (default: 21)",
      positiveInteger,
    );
  addExamples(
    command,
    "checkpoint import best.pth imported.safetensors",
    "checkpoint import weights.pth twin --model ann --dataset voc2012 --root VOC2012",
  );
  addConfigFlags(command, importOptions).action(
    async (file: string, out: string, words: { thresholds?: ThresholdType; numClasses?: number }) => {
      const { printImport } = await import("./import.js");
      const options = givenFlags(command, importOptions).values;
      const { thresholds: thresholdType, numClasses } = words;
      await printImport([file, out], { options, thresholdType, numClasses, terminal: context.terminal() });
    },
  );
}

function defineExport(parent: Command, context: CommandContext): void {
  const command = parent
    .command("export")
    .description("Writes weights as .safetensors, or as .pth that torch.load(weights_only=True) opens.")
    .argument("<file>", "a run or a checkpoint")
    .argument("<out>", "a file that ends in .pth, .pt or .safetensors")
    .addOption(layoutOption("ours"));
  addExamples(
    command,
    "checkpoint export runs/voc-1 weights.pth",
    "checkpoint export runs/voc-1 best.pth --layout reference",
  );
  command.action(async (file: string, out: string, { layout }: { layout: "ours" | "reference" }) => {
    const { exportWeights } = await import("../../runs/index.js");
    const { title, arrays } = await exportWeights(file, out, { layout });
    const terminal = context.terminal();
    terminal.print(`${title}: ${arrays} arrays to ${out}`);
    terminal.result({ file: out, arrays, layout });
  });
}

function defineMigrate(parent: Command, context: CommandContext): void {
  const command = parent
    .command("migrate")
    .description(
      "Writes an old file anew: our checkpoints in today's version; PyTorch files without wrappers' prefixes, in the " +
        "chosen layout, with thresholds by type and timesteps.",
    )
    .argument("<file>", "the old file")
    .argument("<out>", "the new one")
    .addOption(layoutOption("reference"))
    .addOption(thresholdOption("type of thresholds that the file holds as a bare list"))
    .option("--timesteps <N>", "timesteps of such thresholds", positiveInteger);
  addExamples(
    command,
    "checkpoint migrate old.pth new.pth",
    "checkpoint migrate old.pth new.pth --thresholds layer --timesteps 100",
  );
  command.action(
    async (
      file: string,
      out: string,
      words: { layout: "ours" | "reference"; thresholds?: ThresholdType; timesteps?: number },
    ) => {
      const { migrateWeights } = await import("../../runs/index.js");
      const { layout, thresholds: type, timesteps } = words;
      const bare = type === undefined || timesteps === undefined ? undefined : { type, timesteps };
      const { title, arrays } = await migrateWeights(file, out, { layout, bare });
      const terminal = context.terminal();
      terminal.print(`${title} to ${out}`);
      terminal.result({ file: out, arrays });
    },
  );
}

function defineDiff(parent: Command, context: CommandContext): void {
  const command = parent
    .command("diff")
    .description("Compares two files array by array; layouts and element types may differ.")
    .argument("<first>", "a run, a checkpoint, a .safetensors, .pth or .pt file")
    .argument("<second>", "another one")
    .option("--all", "list equal arrays too");
  addExamples(command, "checkpoint diff runs/a runs/b", "checkpoint diff runs/a exported.pth --json");
  command.action(async (first: string, second: string, { all = false }: { all?: boolean }) => {
    const { diff } = await import("./diff.js");
    await diff([first, second], context.terminal(), { all });
  });
}

function defineSettle(parent: Command, context: CommandContext): void {
  const command = parent
    .command("settle")
    .description(
      "Estimates batch norm's running statistics again, with the weights as they are, on batches of the training split: " +
        "for networks that fire in training and are silent at evaluation.",
    )
    .argument(
      "<run>",
      "a run folder, whose best checkpoint is taken, its number in snnseg runs, or a checkpoint file",
    )
    .argument("<checkpoint>", "the checkpoint to write")
    .option("--batches <N>", "batches to see", positiveInteger, 100)
    .option("--last", "of a run folder, the last checkpoint instead of the best");
  addExamples(
    command,
    "checkpoint settle runs/voc-1 settled",
    "checkpoint settle runs/voc-1 settled --batches 20",
  );
  addConfigFlags(command, settleFlags).action(
    async (path: string, out: string, words: { batches: number; last?: true }) => {
      const { settleRun } = await import("../../runs/index.js");
      const terminal = context.terminal();
      const options = givenFlags(command, settleFlags).values;
      const { checkpoint, ...settled } = await settleRun(path, out, {
        ...words,
        options,
        listener: terminal,
      });
      const { from, batches, split } = settled;
      terminal.print(
        `${from}: statistics of ${batches} batches of split ${split} to ${checkpoint}; score it with ` +
          `snnseg eval ${checkpoint}`,
      );
      terminal.result({ checkpoint, ...settled });
    },
  );
}

function layoutOption(standard: "ours" | "reference"): Option {
  const help = "names of arrays: ours, or the reference's with one batch norm a timestep";
  return new Option("--layout <NAME>", help).choices(["ours", "reference"]).default(standard);
}

function thresholdOption(help: string): Option {
  return new Option("--thresholds <TYPE>", help).choices([...thresholdTypes]);
}
