/** A loader's worker thread: opens the data set once, then reads the batches it is asked for. */
import { workerData } from "node:worker_threads";
import { serveJobs } from "../../threads/index.js";
import type { SegmentationDataset } from "../core/dataset.js";
import { datasetOf } from "../core/example-source.js";
import { openSource } from "../kinds/open-dataset.js";
import { type Batch, type BatchJob, readBatch } from "./batch.js";
import { cachesOf } from "./caches.js";
import type { WorkerSetup } from "./loader-setup.js";

async function open({ spec, split, augment, noise, caches }: WorkerSetup): Promise<SegmentationDataset> {
  const source = await openSource(spec, split, true);
  return datasetOf(source, {
    ...(augment === undefined ? {} : { augment }),
    ...(noise === undefined ? {} : { noise }),
    ...cachesOf(caches),
  });
}

const dataset = open(workerData as WorkerSetup);
// The first job reports a failed opening; until then it must not count as unhandled.
dataset.catch(() => undefined);
serveJobs<BatchJob, Batch>(
  async (job) => {
    const batch = await readBatch(await dataset, job);
    return { answer: batch, transfer: [batch.images.buffer, batch.labels.buffer] };
  },
  { together: true },
);
