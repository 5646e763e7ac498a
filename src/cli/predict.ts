/** `snnseg predict`: a trained network's classes for pictures and event recordings that no data set knows. */
import type { Command } from "commander";
import { type ConfigKey, holdsEvents, type Layer } from "../config/index.js";
import { makeFolder } from "../files/index.js";
import { silentWarning } from "../training/index.js";
import { addConfigFlags, givenFlags } from "./config-flags.js";
import type { CommandContext } from "./context.js";
import { explainLines } from "./explain.js";
import { formatTable } from "./format.js";
import { checkExplain, explainOption, precisionOption } from "./precision.js";
import { failedError } from "./predict/failed-inputs.js";
import { predictPictures, type Results } from "./predict/predict-pictures.js";
import { predictRecordings } from "./predict/predict-recordings.js";
import type { PredictWords } from "./predict/predict-words.js";
import { openPredictor } from "./predict/predictor.js";
import { checkNoReading, readingKeys, splitReading } from "./reading-flags.js";

/** More are counted; `--json` lists all. */
const shownResults = 20;
const flags: readonly ConfigKey[] = [
  ...(["imgSize", "orientation", "windowUs", "classes", "seed", "threads"] as const),
  ...readingKeys,
];

export function define(command: Command, context: CommandContext): void {
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
  addConfigFlags(command, flags).action(async (path: string, files: string[], words: PredictWords) => {
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
  }: { readonly words: PredictWords; readonly given: Layer; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const { precision, last = false, anytime, stream } = words;
  if (words.explain) checkExplain(precision);
  const stepwise = anytime === true || stream === true;
  const { reading, others } = splitReading(given);
  using predictor = await openPredictor(path, { given: others, last, precision, stepwise, terminal });
  if (!holdsEvents(predictor.config)) checkNoReading(given);
  await makeFolder(words.output);
  const start = performance.now();
  const results = holdsEvents(predictor.config)
    ? await predictRecordings(files, predictor, { words, reading, terminal })
    : await predictPictures(files, predictor, { words, terminal });
  const seconds = (performance.now() - start) / 1000;
  const used = predictor.forward.precision;
  if (results.rows.length > 0) terminal.print(resultLines(results));
  const silent = silentWarning(predictor.forward.silentLayers(), {
    where: "on any of them",
    batchNorm: predictor.batchNorm,
  });
  if (silent !== undefined) terminal.warn(silent);
  const kernels = words.explain ? predictor.forward.explain() : undefined;
  if (kernels !== undefined && kernels.length > 0) terminal.print(`\n${explainLines(kernels)}`);
  terminal.note(`${results.count} in ${seconds.toFixed(2)} s, ${used}`);
  const { file: checkpoint, classes, colors } = predictor;
  terminal.result({ checkpoint, precision: used, seconds, classes, colors, kernels, ...results.json });
  if (results.failed.length > 0) throw failedError(results.failed);
}

function resultLines({ head, rows }: Results): string {
  const table = formatTable([head, ...rows.slice(0, shownResults)], { left: head.length });
  const more = rows.length - shownResults;
  return more > 0 ? `${table}\n… and ${more} more` : table;
}
