/** One way to open every data set. */
import { OptionError } from "../errors.js";
import type { SegmentationDataset } from "./dataset.js";
import type { DatasetSpec } from "./dataset-spec.js";
import { openDdd17 } from "./ddd17.js";
import { openDigits } from "./digits.js";
import { openDsecSemantic } from "./dsec.js";
import { datasetOf, type ExampleSource, type OpenOptions } from "./example-source.js";
import { openFolder } from "./folder.js";
import { openRawEvents } from "./raw-events.js";
import { openVoc2012 } from "./voc2012.js";

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
  const [height, width] = spec.imgSize;
  if (![height, width].every((side) => Number.isInteger(side) && side >= 1 && side <= 8192)) {
    throw new OptionError(
      `open ${spec.name}: expected an image size of 1x1 to 8192x8192, received ${height}x${width}; correct it`,
    );
  }
  switch (spec.name) {
    case "voc2012":
      return openVoc2012(spec, split, trusted);
    case "folder":
      return openFolder(spec, split, trusted);
    case "digits":
      return openDigits(spec, split);
    case "ddd17":
      return openDdd17(spec, split, trusted);
    case "dsec":
      return openDsecSemantic(spec, split, trusted);
    case "events":
      return openRawEvents(spec, split, trusted);
    default:
      throw new OptionError(
        `open ${(spec as { name: string }).name}: expected a known data set; see the list of data sets`,
      );
  }
}
