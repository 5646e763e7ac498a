/**
 * Batches of a data set, read ahead of the training step that needs them.
 *
 * What a batch holds depends on the seed, the epoch and its number alone: not on the number of worker threads, nor
 * on where an interrupted epoch goes on.
 */
import { checkNumber, checkSeed } from "../../checks/index.js";
import { OptionError } from "../../errors.js";
import type { SegmentationDataset } from "../core/dataset.js";
import { datasetOf, type ExampleSource } from "../core/example-source.js";
import type { DatasetSpec } from "../kinds/kinds.js";
import { openSource } from "../kinds/open-dataset.js";
import type { Augmentation } from "../prepare/augmentation.js";
import type { Noise } from "../prepare/noise.js";
import { type Batch, readBatch } from "./batch.js";
import { batchCount, batchOrder } from "./batch-order.js";
import { cacheLayout, createCacheMemory, RecordCache } from "./record-cache.js";
import { type BatchReader, createWorkerPool } from "./worker-pool.js";

export interface LoaderOptions {
  readonly split: string;
  readonly batchSize: number;
  /** Default false. */
  readonly shuffle?: boolean;
  /** The run's seed: order, augmentation and noise; default 0. */
  readonly seed?: number;
  /** Threads that read; 0 (default) reads in this one, still while other work goes on. */
  readonly workers?: number;
  /** Leaves out a last batch that is not full; default false. */
  readonly dropLast?: boolean;
  /** Memory for prepared records, shared by all threads; default 256 MiB. */
  readonly cacheBytes?: number;
  readonly augment?: Augmentation;
  readonly noise?: Noise;
}

export interface Loader extends AsyncDisposable {
  readonly dataset: SegmentationDataset;
  /** Batches of an epoch. */
  readonly batchCount: number;
  /**
   * The batches of an epoch, from the `start`-th on (default 0). One pass at a time.
   *
   * @throws FileError or DataFormatError naming the file, when its batch comes up
   */
  batches(epoch: number, options?: { readonly start?: number }): AsyncGenerator<Batch, void, undefined>;
  /** Share of the latest pass's time, 0 … 1, that its caller waited for batches. */
  waitingShare(): number;
  close(): Promise<void>;
}

const defaultCacheBytes = 256 * 2 ** 20;

/**
 * Opens a data set for training or scoring.
 *
 * @throws OptionError for wrong settings; FileError or DataFormatError as `openDataset`
 */
export async function createLoader(spec: DatasetSpec, options: LoaderOptions): Promise<Loader> {
  const {
    split,
    batchSize,
    shuffle = false,
    seed = 0,
    workers = 0,
    dropLast = false,
    augment,
    noise,
  } = options;
  checkCount("batch size", batchSize, 1);
  checkCount("number of workers", workers, 0);
  const { cacheBytes = defaultCacheBytes } = options;
  checkNumber("createLoader", "cacheBytes", cacheBytes, { least: 0 });
  checkSeed("createLoader", seed);
  const source = await openSource(spec, split);
  const cache = createCache(source, cacheBytes);
  const dataset = datasetOf(source, {
    ...(augment === undefined ? {} : { augment }),
    ...(noise === undefined ? {} : { noise }),
    cache,
  });
  const setup = { spec, split, augment, noise, cache: { layout: cache.layout, memory: cache.memory } };
  const reader: BatchReader =
    workers === 0
      ? { read: (job) => readBatch(dataset, job), close: async () => undefined }
      : createWorkerPool(workers, setup);
  const order = { length: dataset.length, batchSize, shuffle, seed, dropLast };
  // Each thread has a batch in work and one waiting, so a long training step never idles it.
  const ahead = 2 * Math.max(1, workers);
  const waiting = { since: 0, until: 0, time: 0 };

  async function* batches(epoch: number, { start = 0 } = {}): AsyncGenerator<Batch, void, undefined> {
    const jobs = batchOrder(order, epoch).slice(start);
    const underWay: Promise<Batch>[] = [];
    Object.assign(waiting, { since: performance.now(), until: performance.now(), time: 0 });
    for (let next = 0, taken = 0; taken < jobs.length; taken++) {
      for (; next < jobs.length && underWay.length < ahead; next++) {
        const batch = reader.read({ seed, epoch, indices: jobs[next] as readonly number[] });
        // A pass that is given up leaves batches behind whose errors nobody will ask for.
        batch.catch(() => undefined);
        underWay.push(batch);
      }
      const asked = performance.now();
      const batch = await (underWay.shift() as Promise<Batch>);
      waiting.until = performance.now();
      waiting.time += waiting.until - asked;
      yield batch;
      waiting.until = performance.now();
    }
  }
  return {
    dataset,
    batchCount: batchCount(order),
    batches,
    waitingShare: () => (waiting.until > waiting.since ? waiting.time / (waiting.until - waiting.since) : 0),
    close: () => reader.close(),
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

function createCache({ records, channels, size }: ExampleSource, bytes: number): RecordCache {
  const pixels = size[0] * size[1];
  const layout = cacheLayout({ valuesLength: channels * pixels, labelLength: pixels }, { records, bytes });
  return new RecordCache(layout, createCacheMemory(layout));
}

function checkCount(what: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new OptionError(
    `create loader: expected a ${what} of at least ${least}, received ${value}; correct it`,
  );
}
