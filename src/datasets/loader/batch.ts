/** Examples put together to the arrays that one training step takes. */
import type { ReadContext, SegmentationDataset } from "../core/dataset.js";

/** N examples put together, as plain arrays. */
export interface Batch {
  /** Of {@link Batch.shape}. */
  readonly images: Float32Array<ArrayBuffer>;
  /** `[N, C, H, W]`, or `[N, T, C, H, W]` for sequences. */
  readonly shape: readonly number[];
  /** Of {@link Batch.labelShape}; 255 is void. */
  readonly labels: Uint8Array<ArrayBuffer>;
  /** `[N, H, W]`. */
  readonly labelShape: readonly [batch: number, height: number, width: number];
  /** Names of the N examples. */
  readonly ids: readonly string[];
}

/** Which examples make a batch, and the context of their random numbers. */
export interface BatchJob extends ReadContext {
  readonly indices: readonly number[];
}

/** Reads the examples of a batch side by side. */
export async function readBatch(
  dataset: SegmentationDataset,
  { indices, ...context }: BatchJob,
): Promise<Batch> {
  const [height, width] = dataset.size;
  const exampleShape = [...(dataset.frames === 0 ? [] : [dataset.frames]), dataset.channels, height, width];
  const exampleLength = exampleShape.reduce((product, side) => product * side, 1);
  const images = new Float32Array(indices.length * exampleLength);
  const labels = new Uint8Array(indices.length * height * width);
  const ids = await Promise.all(
    indices.map(async (index, n) => {
      const example = await dataset.read(index, context);
      images.set(example.image, n * exampleLength);
      labels.set(example.label, n * height * width);
      return example.id;
    }),
  );
  return {
    images,
    shape: [indices.length, ...exampleShape],
    labels,
    labelShape: [indices.length, height, width],
    ids,
  };
}
