/**
 * What each kind of data set brings along; {@link datasetOf} adds what all have in common: sequences, the cache,
 * augmentation, noise and normalisation, in this order.
 */
import { OptionError } from "../../errors.js";
import type { Planes, Size } from "../../images/index.js";
import { derive } from "../../random/index.js";
import { type AugmentedExample, augmentExample, checkAugmentation } from "../prepare/augmentation.js";
import { addNoise, checkNoise } from "../prepare/noise.js";
import type { DatasetFacts, Example, ReadContext, SegmentationDataset } from "./dataset.js";
import type { InputRegion } from "./input-region.js";
import type { OpenOptions } from "./open-options.js";
import { type CropOptions, type PictureCrops, type PictureFiles, pictureCrops } from "./picture-crops.js";
import type { PreparedRecord, StoredRecord } from "./record.js";
import type { Suspicion } from "./suspicions.js";

export interface ExampleSource extends DatasetFacts {
  /** Where in the network's input an example of a stored size lies; everywhere unless given. */
  regionOf?(stored: Size): InputRegion;
  /** The files of a record, where it has some. */
  filesOf?(record: number): readonly string[];
  /** What looks wrong in its files, as far as opening shows. */
  readonly suspicions?: readonly Suspicion[];
  /** The records of an example, in time order; one for still images. */
  recordsOf(index: number): readonly number[];
  prepare(record: number): Promise<PreparedRecord>;
  /**
   * The example of a record, where it is not the record itself.
   *
   * @param seed - of this reading: it differs from epoch to epoch
   */
  exampleOf?(record: PreparedRecord, seed: number): AugmentedExample;
  /** The record as its files hold it, at its own size. */
  stored(record: number): Promise<StoredRecord>;
  /** Of data sets of picture files: what random parts are cut from. */
  readonly pictures?: PictureFiles;
  /** Brings values to the 0 … 255 scale on which the strength of noise is given. */
  toNoiseScale(values: Planes): Planes;
  normalise(values: Planes): Float32Array;
}

/** Completes a source to a data set. */
export function datasetOf(source: ExampleSource, options: OpenOptions): SegmentationDataset {
  const { augment, noise, cache, pictures: store } = options;
  if (augment !== undefined && noise !== undefined) {
    throw new OptionError(
      "open data set: expected augmentation or noise, received both; noise tests a network on unchanged examples, leave one out",
    );
  }
  if (noise !== undefined) checkNoise(noise);
  if (augment !== undefined) checkAugmentation(augment);
  if (augment?.crop !== undefined && augment.kind !== "scale-crop") {
    throw new OptionError(
      `augment ${source.name}: expected no crop beside ${augment.kind}, received ${augment.crop.join("x")}; choose scale-crop`,
    );
  }
  const crops = augment?.kind === "scale-crop" ? cropsOf(source, { augment, store }) : undefined;
  const { name, split, classes, colors, channels, frames, size, length, voidIds, orientation } = source;
  const { suspicions = [], recordSize } = source;
  const [height, width] = size;

  const prepared = async (record: number): Promise<PreparedRecord> => {
    if (crops !== undefined) return crops.whole(record);
    const known = cache?.get(record);
    if (known !== undefined) return known;
    const made = await source.prepare(record);
    cache?.set(record, made);
    return made;
  };
  const load = async (index: number, { seed, epoch }: ReadContext): Promise<AugmentedExample> => {
    const records = await Promise.all(source.recordsOf(checkIndex(index, source)).map(prepared));
    if (source.exampleOf !== undefined) {
      return source.exampleOf(records[0]!, derive(seed, "example", epoch, index));
    }
    const planes = records.map(({ values }) => ({ channels, height, width, data: values }));
    return { planes, label: (records.at(-1) as PreparedRecord).label };
  };

  const augmented = async (index: number, context: ReadContext): Promise<AugmentedExample> => {
    const seed = derive(context.seed, "augment", context.epoch, index);
    if (crops !== undefined) return crops.part(source.recordsOf(checkIndex(index, source))[0]!, seed);
    const { planes, label } = await load(index, context);
    return augment === undefined ? { planes, label } : augmentExample(planes, label, { augment, seed });
  };

  const read = async (index: number, context: ReadContext): Promise<Example> => {
    const { planes, label } = await augmented(index, context);
    const seen =
      noise === undefined
        ? planes
        : planes.map((frame, t) =>
            addNoise(source.toNoiseScale(frame), noise, derive(context.seed, "noise", index, t)),
          );
    return { id: source.id(index), image: joined(seen.map((frame) => source.normalise(frame))), label };
  };
  const stored: SegmentationDataset["stored"] = async (index) => {
    const records = await Promise.all(
      source.recordsOf(checkIndex(index, source)).map((record) => source.stored(record)),
    );
    const { values, labels } = records.at(-1) as StoredRecord;
    return {
      id: source.id(index),
      size: [values.height, values.width],
      channels,
      frames,
      values: joined(records.map((record) => record.values.data)),
      label: labels.data,
    };
  };
  const view: SegmentationDataset["view"] = async (index) => {
    const { planes, label } = await load(index, { seed: 0, epoch: 0 });
    const values = joined(planes.map(({ data }) => data));
    return { id: source.id(index), size, channels, frames, values, label };
  };
  const { records } = source;
  const described = {
    name,
    split,
    classes,
    colors,
    channels,
    frames,
    size: augment?.crop ?? size,
    length,
    records,
    recordSize,
    voidIds,
    orientation,
  };
  const regionOf = (stored: Size) => source.regionOf?.(stored) ?? ([0, 0, ...size] as const);
  const files = (index: number) =>
    source.recordsOf(checkIndex(index, source)).flatMap((record) => source.filesOf?.(record) ?? []);
  const withOptions = (others: OpenOptions) => datasetOf(source, { ...options, ...others });
  return {
    ...described,
    suspicions,
    id: (i) => source.id(i),
    regionOf,
    files,
    read,
    view,
    stored,
    withOptions,
  };
}

function cropsOf({ name, pictures }: ExampleSource, options: CropOptions): PictureCrops {
  if (pictures !== undefined) return pictureCrops(pictures, options);
  throw new OptionError(
    `augment ${name}: expected none, geometric or picture for a data set without picture files, received scale-crop; choose one of them`,
  );
}

function checkIndex(index: number, { name, split, length }: ExampleSource): number {
  if (Number.isInteger(index) && index >= 0 && index < length) return index;
  throw new OptionError(
    `read ${name} ${split}: expected an example number from 0 to ${length - 1}, received ${index}; choose one of them`,
  );
}

function joined(frames: readonly Float32Array[]): Float32Array {
  if (frames.length === 1) return frames[0] as Float32Array;
  const length = (frames[0] as Float32Array).length;
  const all = new Float32Array(frames.length * length);
  frames.forEach((frame, t) => {
    all.set(frame, t * length);
  });
  return all;
}
