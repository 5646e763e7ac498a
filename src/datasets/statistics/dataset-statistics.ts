/** What a data set's files hold: sizes, classes, values; counted at the stored size, before any preparation. */
import type { Size } from "../../images/index.js";
import { voidLabel } from "../../metrics/index.js";
import type { SegmentationDataset, ViewedExample } from "../core/dataset.js";

/** Occurrence of a class. */
export interface ClassStatistics {
  /** Name of the class. */
  readonly name: string;
  /** Pixels of all examples. */
  readonly pixels: number;
  /** Share of all pixels that are not void. */
  readonly share: number;
  /** Examples in which it occurs. */
  readonly examples: number;
}

/** Values of one channel over all examples. */
export interface ChannelStatistics {
  /** Over all pixels of all examples. */
  readonly mean: number;
  /** Standard deviation over all of them, as a population. */
  readonly std: number;
  /** Smallest value. */
  readonly min: number;
  /** Largest value. */
  readonly max: number;
}

/** What the files of a split hold, of {@link datasetStatistics}. */
export interface DatasetStatistics {
  /** Kind of data set. */
  readonly name: string;
  /** Such as `train`; of merged statistics all names. */
  readonly split: string;
  /** Number of examples. */
  readonly examples: number;
  /** Every size that occurs, the commonest first. */
  readonly sizes: readonly {
    /** Height and width as stored. */
    readonly size: Size;
    /** Examples of this size. */
    readonly examples: number;
  }[];
  /** All pixels of all labels, void ones too. */
  readonly pixels: number;
  /** In the order of their ids. */
  readonly classes: readonly ClassStatistics[];
  /** Pixels that are void. */
  readonly voidPixels: number;
  /** Share of all pixels. */
  readonly voidShare: number;
  /** Examples in which void occurs. */
  readonly voidExamples: number;
  /** Red, green, blue on the 0 … 255 scale; for events the stored values. */
  readonly channels: readonly ChannelStatistics[];
}

const readTogether = 8;

/**
 * Reads every example once and counts.
 *
 * @param dataset - read at its stored size, without augmentation and noise
 * @param onExample - called after each with the number done
 * @throws FileError or DataFormatError naming the first file that is wrong
 * @example
 * import { defineDataset } from "snnseg";
 * import { datasetStatistics } from "snnseg/data";
 *
 * const halves = defineDataset({
 *   classes: ["even", "odd"],
 *   size: [8, 8],
 *   length: 4,
 *   read: (index) => ({ image: new Uint8Array(3 * 64), label: new Uint8Array(64).fill(index % 2) }),
 * });
 * const { pixels, classes } = await datasetStatistics(halves);
 * console.log(pixels, classes[1]); // 256 { name: "odd", pixels: 128, share: 0.5, examples: 2 }
 */
export async function datasetStatistics(
  dataset: SegmentationDataset,
  onExample: (done: number) => void = () => undefined,
): Promise<DatasetStatistics> {
  const counts = new Counts(dataset);
  for (let start = 0; start < dataset.length; start += readTogether) {
    const indices = Array.from(
      { length: Math.min(readTogether, dataset.length - start) },
      (_, k) => start + k,
    );
    for (const example of await Promise.all(indices.map((index) => dataset.stored(index))))
      counts.add(example);
    onExample(start + indices.length);
  }
  return counts.result();
}

interface ChannelCounts {
  sum: number;
  squares: number;
  count: number;
  min: number;
  max: number;
}

class Counts {
  readonly #dataset: SegmentationDataset;
  readonly #sizes = new Map<string, { readonly size: Size; examples: number }>();
  readonly #pixels = new Float64Array(256);
  readonly #examples = new Float64Array(256);
  readonly #channels: ChannelCounts[];

  constructor(dataset: SegmentationDataset) {
    this.#dataset = dataset;
    this.#channels = Array.from({ length: dataset.channels }, () => {
      return { sum: 0, squares: 0, count: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    });
  }

  add({ size, values, label }: ViewedExample): void {
    const entry = this.#sizes.get(size.join("x")) ?? { size, examples: 0 };
    entry.examples++;
    this.#sizes.set(size.join("x"), entry);
    const pixels = new Float64Array(256);
    for (const id of label) pixels[id] = (pixels[id] as number) + 1;
    pixels.forEach((count, id) => {
      this.#pixels[id] = (this.#pixels[id] as number) + count;
      if (count > 0) this.#examples[id] = (this.#examples[id] as number) + 1;
    });
    const planeLength = size[0] * size[1];
    for (let start = 0, plane = 0; start < values.length; start += planeLength, plane++) {
      const channel = this.#channels[plane % this.#channels.length] as ChannelCounts;
      for (let i = start; i < start + planeLength; i++) {
        const value = values[i] as number;
        channel.sum += value;
        channel.squares += value * value;
        if (value < channel.min) channel.min = value;
        if (value > channel.max) channel.max = value;
      }
      channel.count += planeLength;
    }
  }

  result(): DatasetStatistics {
    const { name, split, classes, length } = this.#dataset;
    const pixels = this.#pixels.reduce((sum, count) => sum + count, 0);
    const voidPixels = this.#pixels[voidLabel] as number;
    return {
      ...{ name, split, examples: length, pixels, voidPixels },
      sizes: [...this.#sizes.values()].sort((a, b) => b.examples - a.examples),
      classes: classes.map((className, id) => ({
        name: className,
        pixels: this.#pixels[id] as number,
        share: (this.#pixels[id] as number) / Math.max(1, pixels - voidPixels),
        examples: this.#examples[id] as number,
      })),
      voidShare: voidPixels / Math.max(1, pixels),
      voidExamples: this.#examples[voidLabel] as number,
      channels: this.#channels.map(({ sum, squares, count, min, max }) => {
        const mean = sum / count;
        return { mean, std: Math.sqrt(Math.max(0, squares / count - mean * mean)), min, max };
      }),
    };
  }
}
