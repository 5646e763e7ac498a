/**
 * What ranks compare of their data: enough to tell another data set, list or version of labels. Pictures
 * are left out, as processors may resize them differently in the last digit. */
import { createHash } from "node:crypto";
import type { Loader } from "../datasets/index.js";
import type { Experiment } from "./experiment.js";

/** Examples of a split that are looked at. */
const looks = 4;

/** Both splits' names, lengths and classes, and a hash of some examples' ids and labels. */
export async function dataFingerprint({
  trainLoader,
  evalLoader,
}: Experiment): Promise<Readonly<Record<string, unknown>>> {
  return {
    "training data": await fingerprint(trainLoader),
    "evaluation data": await fingerprint(evalLoader),
  };
}

async function fingerprint({ dataset }: Loader): Promise<Readonly<Record<string, unknown>>> {
  const { name, split, length, size, classes } = dataset;
  const hash = createHash("sha256").update(JSON.stringify(classes));
  for (let look = 0; look < Math.min(looks, length); look++) {
    const { id, label } = await dataset.view(Math.floor((look * length) / looks));
    hash.update(id).update(label);
  }
  return { name, split, examples: length, size, hash: hash.digest("hex").slice(0, 16) };
}
