/** One way to open every data set. */
import { OptionError } from "../../errors.js";
import type { SegmentationDataset } from "../core/dataset.js";
import { datasetOf, type ExampleSource } from "../core/example-source.js";
import type { OpenOptions } from "../core/open-options.js";
import { type DatasetSpec, datasetKind } from "./kinds.js";

/**
 * Opens a split of a data set and checks its lists and that all its files exist.
 *
 * @param options - augmentation, noise, cache
 * @throws OptionError for wrong settings; FileError or DataFormatError naming the folder, list, line or file
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
  const [height, width] = spec.imgSize;
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1 && side <= 8192)) {
    throw new OptionError(
      `open ${spec.name}: expected an image size of 1x1 to 8192x8192, received ${height}x${width}; correct it`,
    );
  }
  return kind.open(spec, split, trusted);
}
