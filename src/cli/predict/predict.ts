/** `snnseg predict`: a trained network's classes for pictures and event recordings that no data set knows. */
import type { Command } from "commander";
import { type ConfigKey, holdsEvents, type Layer } from "../../config/index.js";
import { makeFolder } from "../../files/index.js";
import type { ComputePrecision } from "../../inference/index.js";
import {
  failedError,
  failedJson,
  openPredictor,
  type PredictOptions,
  predictPictures,
  predictRecordings,
} from "../../runs/index.js";
import { silentWarning } from "../../training/index.js";
import type { CommandContext } from "../context.js";
import { addConfigFlags, givenFlags } from "../flags/config-flags.js";
import { addExamples } from "../flags/examples.js";
import { checkExplain, explainOption, precisionOption } from "../flags/precision-flags.js";
import { checkNoReading, readingKeys, splitReading } from "../flags/reading-flags.js";
import { explainLines } from "../lines/explain-lines.js";
import { pictureLines, recordingLines } from "./answer-lines.js";

/** What the command is told beside the options of a configuration. */
type Words = Omit<PredictOptions, "listener"> & {
  readonly last?: true;
  readonly explain?: true;
  readonly precision?: ComputePrecision | undefined;
};

const flags: readonly ConfigKey[] = [
  ...(["imgSize", "orientation", "windowUs", "classes", "seed", "threads", "device"] as const),
  ...readingKeys,
];

export function define(command: Command, context: CommandContext): void {
  addExamples(
    command,
    "predict runs/mine street.jpg",
    "predict runs/mine holiday/ --output masks --overlay",
    "predict runs/ddd17 drive.aedat4 --stream",
  );
  command
    .description(
      "Finds the class of every pixel of pictures, or of event recordings for networks on event frames. Masks are " +
        "palette PNGs of the picture's size whose values are classes.",
    )
    .argument(
      "<run>",
      "a run folder, whose best checkpoint is taken, its number in snnseg runs, or a checkpoint file",
    )
    .argument("<files...>", "pictures or recordings, or folders with them")
    .option("-o, --output <DIR>", "folder of the masks", "predictions")
    .option("--overlay", "also write every picture with its classes laid over it")
    .option("--anytime", "of a spiking network, also write its answer after every timestep")
    .option(
      "--stream",
      "of a network on frame sequences, one timestep a window: membranes go on from window to window",
    )
    .option("--last", "of a run folder, the last checkpoint instead of the best")
    .addOption(precisionOption().default("fast"))
    .addOption(explainOption());
  addConfigFlags(command, flags).action(async (path: string, files: string[], words: Words) => {
    const asked = words.explain || command.getOptionValueSource("precision") === "cli";
    const precision = asked ? words.precision : undefined;
    await predict(path, files, {
      words: { ...words, precision },
      given: givenFlags(command, flags),
      context,
    });
  });
}

async function predict(
  path: string,
  files: readonly string[],
  {
    words,
    given,
    context,
  }: { readonly words: Words; readonly given: Layer; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const { precision, last = false, anytime, stream, output, overlay } = words;
  if (words.explain) checkExplain(precision);
  const stepwise = anytime === true || stream === true;
  const { reading, others } = splitReading(given);
  const options = others.values;
  using predictor = await openPredictor(path, { options, last, precision, stepwise, listener: terminal });
  const { config, forward, batchNorm } = predictor;
  if (!holdsEvents(config)) checkNoReading(given);
  await makeFolder(output);
  const start = performance.now();
  const asked = { output, overlay, anytime, stream, listener: terminal };
  const { failed, ...answers } = holdsEvents(config)
    ? await predictRecordings(files, predictor, { ...asked, reading })
    : await predictPictures(files, predictor, asked);
  const seconds = (performance.now() - start) / 1000;
  const used = forward.precision;
  const { table, count } =
    "pictures" in answers ? pictureLines(answers.pictures) : recordingLines(answers.recordings);
  if (table !== "") terminal.print(table);
  const silent = silentWarning(forward.silentLayers(), { where: "on any of them", batchNorm });
  if (silent !== undefined) terminal.warn(silent);
  const kernels = words.explain ? forward.explain() : undefined;
  if (kernels !== undefined && kernels.length > 0) terminal.print(`\n${explainLines(kernels)}`);
  terminal.note(`${count} in ${seconds.toFixed(2)} s, ${used}`);
  const { file: checkpoint, classes, colors } = predictor;
  const found = { ...answers, ...failedJson(failed) };
  terminal.result({ checkpoint, precision: used, seconds, classes, colors, kernels, ...found });
  if (failed.length > 0) throw failedError(failed);
}
