/** `snnseg predict`: a trained network's classes for pictures that no data set knows. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Command } from "commander";
import { type Config, type ConfigKey, type Layer, resolveConfig } from "../config/index.js";
import { OptionError } from "../errors.js";
import { writeFileAtomic } from "../files/index.js";
import { encodePaletteMaskPng, encodePicturePng, type LabelMap, readPicture } from "../images/index.js";
import { createModel } from "../models/index.js";
import { derive } from "../random/index.js";
import { overlayImage } from "../report/index.js";
import { checkpointFile, loadCheckpoint } from "../serialization/index.js";
import { type CheckpointMeta, restoreWeights, runPath } from "../training/index.js";
import { addConfigFlags, givenFlags } from "./config-flags.js";
import type { CommandContext } from "./context.js";
import { prepareEngine } from "./environment.js";
import { formatTable } from "./format.js";
import { type ComputePrecision, Forward, precisionOption } from "./precision.js";
import { classPalette } from "./predict/class-palette.js";
import { labelPicture } from "./predict/label-picture.js";
import { pictureFiles, resultNames } from "./predict/picture-files.js";
import { Progress } from "./progress.js";

/** More are counted; `--json` lists all. */
const shownResults = 20;
const flags: readonly ConfigKey[] = ["imgSize", "classes", "seed", "threads"];

type Words = {
  readonly output: string;
  readonly overlay?: true;
  readonly last?: true;
  readonly precision?: ComputePrecision;
};

export function define(command: Command, context: CommandContext): void {
  command
    .description(
      "Finds the class of every pixel of pictures. Masks are palette PNGs of the picture's size whose values are classes.",
    )
    .argument(
      "<run>",
      "a run folder, whose best checkpoint is taken, its number in snnseg runs, or a checkpoint file",
    )
    .argument("<pictures...>", "pictures, or folders with pictures")
    .option("-o, --output <DIR>", "folder of the masks", "predictions")
    .option("--overlay", "also write every picture with its classes laid over it")
    .option("--last", "of a run folder, the last checkpoint instead of the best")
    .addOption(precisionOption().default("fast"));
  addConfigFlags(command, flags).action(async (path: string, pictures: string[], words: Words) => {
    await predict(path, pictures, { words, given: givenFlags(command, flags), context });
  });
}

async function predict(
  path: string,
  pictures: readonly string[],
  {
    words,
    given,
    context,
  }: { readonly words: Words; readonly given: Layer; readonly context: CommandContext },
): Promise<void> {
  const terminal = context.terminal();
  const file = await checkpointFile(await runPath(path), { prefer: words.last ? "last" : "best" });
  const files = await pictureFiles(pictures);
  const { tensors, meta: json } = await loadCheckpoint(file);
  const meta = json as unknown as CheckpointMeta;
  const { config } = resolveConfig([{ source: "run", where: `${file}: `, values: meta.config }, given]);
  checkPictures(config, meta, file);
  prepareEngine({ ...config, device: "cpu" });
  using model = createModel(meta.model);
  restoreWeights(file, model, tensors);
  model.setTraining(false);
  const wanted = words.precision ?? "fast";
  using forward = new Forward(model, meta.model.kind === "ann" ? "fp32" : wanted, terminal);
  const colors = await classPalette(config, meta.classes.length);
  const timesteps = meta.model.kind === "snn" ? meta.model.timesteps : 1;
  const input = { model: meta.model.kind, encoding: config.encoding, timesteps, device: "cpu" };
  await mkdir(words.output, { recursive: true });
  const progress = new Progress(terminal.human, { label: "predict", total: files.length, unit: "images" });
  const names = resultNames(files);
  const results: Result[] = [];
  const start = performance.now();
  for (const [index, picture] of files.entries()) {
    const image = await readPicture(picture);
    const labels = labelPicture(forward, image, {
      config,
      input,
      seed: derive(config.seed, "predict", index),
    });
    const mask = join(words.output, `${names[index]}.png`);
    await writeFileAtomic(mask, encodePaletteMaskPng(labels, colors));
    const overlay = words.overlay ? join(words.output, `${names[index]}.overlay.png`) : undefined;
    if (overlay) {
      await writeFileAtomic(overlay, encodePicturePng(overlayImage(image, { labels: labels.data, colors })));
    }
    results.push({
      picture,
      mask,
      overlay,
      size: [image.height, image.width],
      shares: sharesOf(labels, meta.classes),
    });
    if (!terminal.quiet) progress.itemsDone(1);
  }
  if (!terminal.quiet) progress.end();
  const seconds = (performance.now() - start) / 1000;
  terminal.print(resultLines(results));
  terminal.note(`${files.length} pictures in ${seconds.toFixed(2)} s, ${forward.precision}`);
  terminal.result({
    ...{ checkpoint: file, precision: forward.precision, seconds, classes: meta.classes, colors },
    pictures: results,
  });
}

type Result = {
  readonly picture: string;
  readonly mask: string;
  readonly overlay: string | undefined;
  readonly size: readonly [number, number];
  /** Share of the pixels by class, of those that occur. */
  readonly shares: Readonly<Record<string, number>>;
};

function resultLines(results: readonly Result[]): string {
  const rows = results
    .slice(0, shownResults)
    .map(({ picture, mask, shares }) => [picture, mask, largest(shares)]);
  const table = formatTable([["picture", "mask", "largest classes"], ...rows], { left: 3 });
  const more = results.length - rows.length;
  return more > 0 ? `${table}\n… and ${more} more` : table;
}

function checkPictures(config: Config, { model }: CheckpointMeta, file: string): void {
  const sees = ["voc2012", "folder", "digits"].includes(config.dataset);
  if (sees && model.inputChannels === 3) return;
  throw new OptionError(
    `predict ${file}: expected a network that sees pictures, received one of ${model.inputChannels} channels for ` +
      `${config.dataset}; snnseg eval --picture shows what it finds in its data`,
  );
}

function sharesOf({ data }: LabelMap, classes: readonly string[]): Record<string, number> {
  const counts = new Float64Array(classes.length);
  for (const label of data) counts[label]! += 1;
  const shares = classes.map((name, id) => [name, counts[id]! / data.length] as const);
  return Object.fromEntries(shares.filter(([, share]) => share > 0));
}

function largest(shares: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(shares).sort(([, a], [, b]) => b - a);
  const words = sorted.slice(0, 3).map(([name, share]) => `${name} ${(100 * share).toFixed(1)} %`);
  return words.join(", ");
}
