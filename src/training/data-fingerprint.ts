/**
 * What ranks compare of their data, which each may have on a disk of its own: lists and sizes of files as a whole, and enough
 * content to tell another version whose files have the same sizes. Decoded pictures are left out, as processors may resize them
 * differently in the last digit; so are times of files, which copies do not share.
 */
import { createHash, type Hash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Loader, SegmentationDataset } from "../datasets/index.js";
import { fileError, withFile } from "../files/index.js";
import type { Experiment } from "./experiment.js";

/** Examples of a split that are looked into. */
const looks = 4;
/** Bytes of each of their files: recordings may have gigabytes. */
const lookedBytes = 2 ** 20;
/** Files asked for side by side. */
const atOnce = 64;

/** Both splits' names and lengths, and hashes of what is too long to tell. */
export async function dataFingerprint({
  trainLoader,
  evalLoader,
}: Pick<Experiment, "trainLoader" | "evalLoader">): Promise<Readonly<Record<string, unknown>>> {
  return {
    ...(await fingerprint("training", trainLoader)),
    ...(await fingerprint("evaluation", evalLoader)),
  };
}

async function fingerprint(use: string, { dataset }: Loader): Promise<Readonly<Record<string, unknown>>> {
  const { name, split, length, size, classes, voidIds } = dataset;
  const names = createHash("sha256");
  for (let index = 0; index < length; index++) names.update(`${dataset.id(index)}\0`);
  const { contents, labels } = await lookInto(dataset);
  return {
    [`${use} data`]: { name, split, size },
    [`number of ${use} examples`]: length,
    [`${use} classes`]: classes,
    [`void ids of ${use} masks`]: voidIds,
    [`names of ${use} examples, as a hash`]: digits(names),
    [`sizes of ${use} files`]: await fileSizes(dataset),
    [`contents of ${looks} ${use} examples' files, as a hash`]: contents,
    [`labels of ${looks} ${use} examples, as a hash`]: labels,
  };
}

async function fileSizes(dataset: SegmentationDataset): Promise<Readonly<Record<string, unknown>>> {
  const paths = new Set<string>();
  for (let index = 0; index < dataset.length; index++)
    for (const path of dataset.files(index)) paths.add(path);
  const files = [...paths];
  const hash = createHash("sha256");
  let bytes = 0;
  for (let first = 0; first < files.length; first += atOnce) {
    for (const size of await Promise.all(files.slice(first, first + atOnce).map(sizeOfFile))) {
      hash.update(`${size} `);
      bytes += size;
    }
  }
  return { files: files.length, bytes, hash: digits(hash) };
}

async function sizeOfFile(path: string): Promise<number> {
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileError(error, { operation: `compare data, ${path}`, expected: "a file" });
  });
  return size;
}

/** Some examples, from the first on at equal distances. */
async function lookInto(
  dataset: SegmentationDataset,
): Promise<{ readonly contents: string; readonly labels: string }> {
  const [contents, labels] = [createHash("sha256"), createHash("sha256")];
  const count = Math.min(looks, dataset.length);
  for (let look = 0; look < count; look++) {
    const index = Math.floor((look * dataset.length) / count);
    labels.update((await dataset.view(index)).label);
    for (const path of dataset.files(index)) contents.update(await beginningOf(path));
  }
  return { contents: digits(contents), labels: digits(labels) };
}

async function beginningOf(path: string): Promise<Uint8Array> {
  return await withFile(path, async (file) => {
    const bytes = new Uint8Array(Math.min(lookedBytes, file.size));
    await file.readInto(bytes, 0);
    return bytes;
  });
}

function digits(hash: Hash): string {
  return hash.digest("hex").slice(0, 16);
}
