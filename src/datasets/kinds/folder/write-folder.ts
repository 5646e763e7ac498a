/** Writes any data set of pictures as a `folder` data set. */
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { OptionError } from "../../../errors.js";
import { fileError, makeFolder, writeFileAtomic } from "../../../files/index.js";
import { encodePaletteMaskPng, encodePicturePng } from "../../../images/index.js";
import type { SegmentationDataset, ViewedExample } from "../../core/dataset.js";
import { writeClassFile } from "../../masks/class-file.js";

/**
 * Writes `images/SPLIT/ID.png`, `labels/SPLIT/ID.png` and `SPLIT.txt` for each data set, and `dataset.json`.
 *
 * The lists come last and at once, so a folder with a list is complete. Examples have the size of the data set's
 * spec; masks are palette PNGs whose void is 255.
 *
 * @param datasets - splits of one data set
 * @param root - the folder; made if it is not there
 * @param onExample - called after each example with the number done, over all splits
 * @throws OptionError unless the data set has still pictures of 3 channels; FileError if writing fails
 */
export async function writeFolderDataset(
  datasets: readonly SegmentationDataset[],
  root: string,
  onExample: (done: number) => void = () => undefined,
): Promise<void> {
  let done = 0;
  for (const dataset of datasets) {
    if (dataset.channels !== 3 || dataset.frames !== 0) {
      throw new OptionError(
        `write ${dataset.name} as a folder: expected still pictures of 3 channels, received ${dataset.frames || 1} frames of ${dataset.channels} channels; choose a data set of pictures`,
      );
    }
    const lines: string[] = [];
    for (let i = 0; i < dataset.length; i++) {
      const example = await dataset.view(i);
      const [image, labels] = ["images", "labels"].map(
        (kind) => `${kind}/${dataset.split}/${example.id}.png`,
      );
      await put(join(root, image as string), pictureOf(example));
      await put(join(root, labels as string), maskOf(example, dataset));
      lines.push(`${image} ${labels}\n`);
      onExample(++done);
    }
    await writeFileAtomic(join(root, `${dataset.split}.txt`), lines.join(""));
  }
  const { classes = [], colors = [] } = datasets[0] ?? {};
  await writeClassFile(root, { classes, colors });
}

function pictureOf({ size: [height, width], values }: ViewedExample): Uint8Array {
  const pixels = height * width;
  const data = Uint8Array.from({ length: 3 * pixels }, (_, i) => {
    const value = values[(i % 3) * pixels + Math.floor(i / 3)] as number;
    return Math.min(255, Math.max(0, Math.round(value)));
  });
  return encodePicturePng({ height, width, data });
}

function maskOf(
  { size: [height, width], label }: ViewedExample,
  { colors }: SegmentationDataset,
): Uint8Array {
  return encodePaletteMaskPng({ height, width, data: label }, colors);
}

async function put(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, bytes);
  } catch (error) {
    throw fileError(error, { operation: `write ${path}`, expected: "to save it" });
  }
}
