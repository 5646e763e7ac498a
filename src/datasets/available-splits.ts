/** The splits that a data set really has on the disk. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { DatasetSpec } from "./dataset-spec.js";
import { usualSplits } from "./dataset-splits.js";
import { listLayout } from "./list-layout.js";

const usualOrder = ["train_aug", "train", "val", "test", "other"];

/**
 * Splits to look at where none is asked for: those for training and scoring, as far as they are there, and of data
 * sets whose splits are apart (all but VOC2012's nested lists) every further one. At least one, there or not.
 *
 * @throws FileError if the root is missing
 */
export async function availableSplits(spec: DatasetSpec): Promise<readonly string[]> {
  const { train, evaluate } = usualSplits(spec);
  const present = new Set(await presentSplits(spec));
  const wanted = spec.name === "voc2012" ? [train, evaluate] : [...usualOrder, ...present];
  const found = [...new Set(wanted)].filter((split) => present.has(split));
  return found.length > 0 ? found : [train];
}

async function presentSplits(spec: DatasetSpec): Promise<readonly string[]> {
  switch (spec.name) {
    case "voc2012":
    case "folder":
      return [...(await listLayout(spec).lists()).keys()];
    case "ddd17": {
      if (spec.division === "ess") return ["train", "val", "test"];
      const events = join(spec.root, "events");
      return [...(await listLayout(spec).lists()).keys(), ...(await readdir(events).catch(() => []))];
    }
    case "digits":
      return ["train", "val"];
    case "dsec":
    case "events":
      return ["train", "val", "test"].filter((split) => existsSync(join(spec.root, split)));
  }
}
