/** One way to open every data set. */
import { OptionError } from "../../errors.js";
import type { SegmentationDataset } from "../core/dataset.js";
import { datasetOf, type ExampleSource } from "../core/example-source.js";
import type { OpenOptions } from "../core/open-options.js";
import { type AnyKind, type DatasetSpec, datasetKind } from "./kinds.js";

/**
 * Opens a split of a data set and checks its lists and that all its files exist.
 *
 * @param spec - which data set, where it lies and how it is prepared
 * @param split - such as `train`; `availableSplits` tells which there are
 * @param options - augmentation, noise, cache
 * @throws OptionError for wrong settings; FileError or DataFormatError naming the folder, list, line or file
 * @example
 * import { defineDataset } from "snnseg";
 * import { openDataset, writeFolderDataset } from "snnseg/data";
 *
 * const read = () => ({ image: new Uint8Array(3 * 64), label: new Uint8Array(64) });
 * const blank = defineDataset({ classes: ["ground"], size: [8, 8], length: 4, split: "train", read });
 * await writeFolderDataset([blank], "pictures");
 * const pictures = await openDataset({ name: "folder", root: "pictures", imgSize: [32, 32] }, "train");
 * const { id, image, label } = await pictures.read(0, { seed: 0, epoch: 0 });
 * console.log(pictures.length, id, image.length, label.length); // 4 images/train/0 3072 1024
 */
export async function openDataset(
  spec: DatasetSpec,
  split: string,
  options: OpenOptions = {},
): Promise<SegmentationDataset> {
  return datasetOf(await openSource(spec, split), options);
}

/**
 * Opens what a data set brings along, before augmentation and noise; for the loader.
 *
 * @param trusted - skips the check that all files exist, which another thread has made
 */
export async function openSource(spec: DatasetSpec, split: string, trusted = false): Promise<ExampleSource> {
  const kind = datasetKind(spec);
  checkSpec(spec, kind);
  return kind.open(spec, split, trusted);
}

/** What the types ask for, of callers who have none. */
function checkSpec(spec: DatasetSpec & { readonly root?: unknown }, { takes }: AnyKind): void {
  const { name, imgSize, root } = spec;
  const isSide = (side: unknown) => Number.isInteger(side) && Number(side) >= 1 && Number(side) <= 8192;
  if (!Array.isArray(imgSize) || imgSize.length !== 2 || !imgSize.every(isSide)) {
    const received = Array.isArray(imgSize) ? imgSize.join("x") : String(imgSize);
    throw new OptionError(
      `open ${name}: expected an image size of 1x1 to 8192x8192, received ${received}; correct imgSize`,
    );
  }
  if (takes.root === undefined || (typeof root === "string" && root !== "")) return;
  throw new OptionError(`open ${name}: expected the data set's folder, received ${String(root)}; add root`);
}
