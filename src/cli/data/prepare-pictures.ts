/** `snnseg data prepare` without recordings: a data set of pictures as a folder data set. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  availableSplits,
  datasetKind,
  openDataset,
  type SegmentationDataset,
  writeFolderDataset,
} from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import type { Terminal } from "../terminal/terminal.js";
import type { ChosenData } from "./chosen-data.js";
import type { PrepareWords } from "./prepare-recordings.js";

/** Writes the splits at `--img-size`. */
export async function preparePictures(
  { spec }: ChosenData,
  { words, terminal }: { readonly words: PrepareWords; readonly terminal: Terminal },
): Promise<void> {
  const { out } = words;
  if (datasetKind(spec).input === "events") {
    throw new OptionError(
      `data prepare: expected --dataset voc2012, folder or digits, received ${spec.name}; recordings are named as words: data prepare RECORDING --labels DIR`,
    );
  }
  const foreign = (["labels", "timestamps", "name"] as const).find((key) => words[key] !== undefined);
  if (foreign !== undefined) {
    throw new OptionError(
      `--${foreign}: expected a recording, received --dataset ${spec.name}; leave it out`,
    );
  }
  if ("root" in spec && resolve(spec.root) === resolve(out)) {
    throw new OptionError(
      `--out: expected another folder than the data set's, received ${out}; choose a new one`,
    );
  }
  const splits = words.split === undefined ? await availableSplits(spec) : [words.split];
  const there = splits.map((split) => join(out, `${split}.txt`)).find((list) => existsSync(list));
  if (there !== undefined && !words.overwrite) {
    throw new OptionError(
      `--out: expected a folder without a data set, received ${there}; choose another one, or add --overwrite`,
    );
  }
  const datasets: SegmentationDataset[] = [];
  for (const split of splits) datasets.push(await openDataset(spec, split));
  const total = datasets.reduce((sum, { length }) => sum + length, 0);
  const stage = terminal.stage({ label: "writing", total, unit: "examples" });
  await writeFolderDataset(datasets, out, () => {
    stage.itemsDone(1);
  });
  stage.end();
  const counts = Object.fromEntries(datasets.map(({ split, length }) => [split, length]));
  terminal.print(
    `wrote ${total} examples (${Object.entries(counts)
      .map(([split, n]) => `${split} ${n}`)
      .join(", ")}) to ${out}`,
  );
  terminal.print(`train on them with --dataset folder --root ${out}`);
  terminal.result({ out, dataset: spec.name, size: spec.imgSize, examples: total, splits: counts });
}
