/**
 * What ranks compare of their data: lists as a whole, and enough to tell another version of labels. Pictures
 * are left out, as processors may resize them differently in the last digit. */
import { createHash } from "node:crypto";
import type { Loader } from "../datasets/index.js";
import type { Experiment } from "./experiment.js";

/** Examples of a split whose labels are looked at. */
const looks = 4;

/** Both splits' names, lengths and classes, and hashes of all examples' ids and some examples' labels. */
export async function dataFingerprint({
  trainLoader,
  evalLoader,
}: Pick<Experiment, "trainLoader" | "evalLoader">): Promise<Readonly<Record<string, unknown>>> {
  return {
    "training data": await fingerprint(trainLoader),
    "evaluation data": await fingerprint(evalLoader),
  };
}

async function fingerprint({ dataset }: Loader): Promise<Readonly<Record<string, unknown>>> {
  const { name, split, length, size, classes } = dataset;
  const [ids, labels] = [createHash("sha256"), createHash("sha256")];
  ids.update(JSON.stringify(classes));
  for (let index = 0; index < length; index++) ids.update(`${dataset.id(index)}\0`);
  for (let look = 0; look < Math.min(looks, length); look++)
    labels.update((await dataset.view(Math.floor((look * length) / looks))).label);
  const digits = (hash: typeof ids) => hash.digest("hex").slice(0, 16);
  return { name, split, examples: length, size, "hash of names": digits(ids), "of labels": digits(labels) };
}
