/**
 * Batches of a data set, read ahead of the training step that needs them.
 *
 * What a batch holds depends on the seed, the epoch and its number alone: not on the number of worker threads, nor
 * on where an interrupted epoch goes on.
 */
import { checkNumber, checkSeed, refuse } from "../../checks/index.js";
import { OptionError } from "../../errors.js";
import type { SegmentationDataset } from "../core/dataset.js";
import type { DatasetSpec } from "../kinds/kinds.js";
import { openDataset } from "../kinds/open-dataset.js";
import type { Augmentation } from "../prepare/augmentation.js";
import type { Noise } from "../prepare/noise.js";
import { type Batch, readBatch } from "./batch.js";
import { batchCount, batchOrder } from "./batch-order.js";
import { cachesOf, createCaches } from "./caches.js";
import { type BatchReader, createWorkerPool } from "./worker-pool.js";

/** How a data set is batched. */
export interface BatchOptions {
  /** Examples a batch, 1 or more; the last of an epoch may have fewer. */
  readonly batchSize: number;
  /** Default false. */
  readonly shuffle?: boolean;
  /** The run's seed: order, augmentation and noise; default 0. */
  readonly seed?: number;
  /** Leaves out a last batch that is not full; default false. */
  readonly dropLast?: boolean;
  /** Memory for prepared records, shared by all threads; default 256 MiB. */
  readonly cacheBytes?: number;
  /** Random changes for training (default: none, of an open data set its own). */
  readonly augment?: Augmentation;
  /** Noise for tests of robustness (default: none, of an open data set its own). */
  readonly noise?: Noise;
}

/** What a loader needs that opens its data set itself. */
export interface LoaderOptions extends BatchOptions {
  /** Name of the split, such as `train`. */
  readonly split: string;
  /** Threads that read; 0 (default) reads in this one, still while other work goes on. */
  readonly workers?: number;
}

/** What of an epoch is read. */
export interface PassOptions {
  /** Number of the first batch, where an interrupted epoch goes on (default 0). */
  readonly start?: number;
  /**
   * Which examples of a batch are read, from the first to before the second number (default all); a batch without any has none.
   *
   * @param count - examples of the whole batch
   */
  readonly part?: (count: number) => readonly [begin: number, end: number];
}

/** The batches of one data set, epoch by epoch. Close it, or hold it with `await using`: its threads end then. */
export interface Loader extends AsyncDisposable {
  /** What is batched, with its augmentation, noise and cache. */
  readonly dataset: SegmentationDataset;
  /** Examples a batch; the last of an epoch may have fewer. */
  readonly batchSize: number;
  /** Batches of an epoch. */
  readonly batchCount: number;
  /**
   * The batches of an epoch, read ahead. One pass at a time.
   *
   * @param epoch - which draws it makes: its order and augmentation follow from it and the seed
   * @param options - where an interrupted epoch goes on, and which part of each batch is read
   * @throws FileError or DataFormatError naming the file, when its batch comes up
   */
  batches(epoch: number, options?: PassOptions): AsyncGenerator<Batch, void, undefined>;
  /** Share of the latest pass's time, 0 … 1, that its caller waited for batches. */
  waitingShare(): number;
  /** Ends the worker threads, after the batches under way. */
  close(): Promise<void>;
}

const defaultCacheBytes = 256 * 2 ** 20;

/**
 * Opens a split of a data set and batches it.
 *
 * What a batch holds depends on the seed, the epoch and its number, and not on the number of threads.
 *
 * @param source - which data set; its examples are read in `options.workers` threads
 * @param options - split, size and order of batches, and what is done to examples
 * @throws OptionError for wrong settings; FileError or DataFormatError as `openDataset`
 */
export function createLoader(source: DatasetSpec, options: LoaderOptions): Promise<Loader>;
/**
 * Batches a data set that is open.
 *
 * @param source - an open data set: the user's own of {@link defineDataset}, or one of `openDataset`; not changed,
 * and read in this thread, as its functions cannot go to others
 * @param options - size and order of batches; augmentation and noise that are given here take the place of the data
 * set's own
 * @throws OptionError for wrong settings, a split, or worker threads
 * @example
 * import { createLoader, defineDataset } from "snnseg";
 *
 * const read = () => ({ image: new Uint8Array(3 * 64), label: new Uint8Array(64) });
 * const blank = defineDataset({ classes: ["ground"], size: [8, 8], length: 6, read });
 * const loader = await createLoader(blank, { batchSize: 4, shuffle: true });
 * for await (const { shape, ids } of loader.batches(0)) console.log(shape, ids); // [4, 3, 8, 8], then [2, 3, 8, 8]
 * await loader.close();
 */
export function createLoader(source: SegmentationDataset, options: BatchOptions): Promise<Loader>;
export async function createLoader(
  source: DatasetSpec | SegmentationDataset,
  options: BatchOptions & Partial<LoaderOptions>,
): Promise<Loader> {
  const { batchSize, shuffle = false, seed = 0, workers = 0, dropLast = false, augment, noise } = options;
  checkCount("batch size", batchSize, 1);
  checkCount("number of workers", workers, 0);
  const { cacheBytes = defaultCacheBytes } = options;
  checkNumber("createLoader", "cacheBytes", cacheBytes, { least: 0 });
  checkSeed("createLoader", seed);
  if (isOpen(source)) checkOpenOptions(options);
  const opened = isOpen(source) ? source : await openDataset(source, checkedSplit(options.split));
  const caches = createCaches(opened, { bytes: cacheBytes, augment });
  const changes = {
    ...(augment === undefined ? {} : { augment }),
    ...(noise === undefined ? {} : { noise }),
  };
  const dataset = opened.withOptions({ ...changes, ...cachesOf(caches) });
  const reader: BatchReader =
    workers === 0 || isOpen(source)
      ? { read: (job) => readBatch(dataset, job), close: async () => undefined }
      : createWorkerPool(workers, {
          ...{ spec: source, split: opened.split, augment, noise, caches },
        });
  const order = { length: dataset.length, batchSize, shuffle, seed, dropLast };
  // Each thread has a batch in work and one waiting, so a long training step never idles it.
  const ahead = 2 * Math.max(1, workers);
  const waiting = { since: 0, until: 0, time: 0 };

  async function* batches(
    epoch: number,
    { start = 0, part = (count) => [0, count] }: PassOptions = {},
  ): AsyncGenerator<Batch, void, undefined> {
    const jobs = batchOrder(order, epoch)
      .slice(start)
      .map((indices) => indices.slice(...part(indices.length)));
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
    batchSize,
    batchCount: batchCount(order),
    batches,
    waitingShare: () => (waiting.until > waiting.since ? waiting.time / (waiting.until - waiting.since) : 0),
    close: () => reader.close(),
    [Symbol.asyncDispose]: () => reader.close(),
  };
}

function isOpen(source: DatasetSpec | SegmentationDataset): source is SegmentationDataset {
  return typeof source === "object" && source !== null && "read" in source;
}

/** What only a loader can be asked for that opens its data set itself. */
function checkOpenOptions({ split, workers = 0 }: Partial<LoaderOptions>): void {
  if (split !== undefined) {
    throw new OptionError(
      `create loader: expected no split of an open data set, received ${split}; leave it out, or give the data set's spec`,
    );
  }
  if (workers === 0) return;
  throw new OptionError(
    `create loader: expected 0 workers for an open data set, which is read in this thread, received ${workers}; leave them out, or give the data set's spec`,
  );
}

function checkedSplit(split: unknown): string {
  if (typeof split === "string" && split !== "") return split;
  return refuse("createLoader", "split", "a split's name, such as train", split);
}

function checkCount(what: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new OptionError(
    `create loader: expected a ${what} of at least ${least}, received ${value}; correct it`,
  );
}
