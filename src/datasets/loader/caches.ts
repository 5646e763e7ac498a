/** What a loader keeps in memory: records at the network's size, or decoded pictures where parts are cut from those. */
import type { SegmentationDataset } from "../core/dataset.js";
import type { OpenOptions } from "../core/open-options.js";
import type { Augmentation } from "../prepare/augmentation.js";
import { createPictureMemory, PictureCache, type PictureMemory } from "./picture-cache.js";
import { type CacheLayout, cacheLayout, createCacheMemory, RecordCache } from "./record-cache.js";

/** One of both; plain data, for worker threads. */
export interface CacheSetup {
  readonly records?: { readonly layout: CacheLayout; readonly memory: SharedArrayBuffer };
  readonly pictures?: PictureMemory;
}

/** @throws OptionError if there is not as much memory */
export function createCaches(
  { records, channels, size, recordSize }: SegmentationDataset,
  { bytes, augment }: { readonly bytes: number; readonly augment: Augmentation | undefined },
): CacheSetup {
  if (augment?.kind === "scale-crop") return { pictures: createPictureMemory(records, bytes) };
  const pixels = size[0] * size[1];
  const { values: valuesLength, labels: labelLength } = recordSize ?? {
    values: channels * pixels,
    labels: pixels,
  };
  const layout = cacheLayout({ valuesLength, labelLength }, { records, bytes });
  return { records: { layout, memory: createCacheMemory(layout) } };
}

/** This thread's view of it. */
export function cachesOf({ records, pictures }: CacheSetup): Pick<OpenOptions, "cache" | "pictures"> {
  return {
    ...(records === undefined ? {} : { cache: new RecordCache(records.layout, records.memory) }),
    ...(pictures === undefined ? {} : { pictures: new PictureCache(pictures) }),
  };
}
