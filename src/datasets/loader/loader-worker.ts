/** A loader's worker thread: opens the data set once, then reads the batches it is asked for. */
import { parentPort, workerData } from "node:worker_threads";
import type { SegmentationDataset } from "../core/dataset.js";
import { datasetOf } from "../core/example-source.js";
import { openSource } from "../kinds/open-dataset.js";
import { readBatch } from "./batch.js";
import { plainError, type WorkerReply, type WorkerRequest, type WorkerSetup } from "./loader-messages.js";
import { RecordCache } from "./record-cache.js";

async function open({ spec, split, augment, noise, cache }: WorkerSetup): Promise<SegmentationDataset> {
  const source = await openSource(spec, split, true);
  return datasetOf(source, {
    ...(augment === undefined ? {} : { augment }),
    ...(noise === undefined ? {} : { noise }),
    cache: new RecordCache(cache.layout, cache.memory),
  });
}

const port = parentPort;
if (port !== null) {
  const dataset = open(workerData as WorkerSetup);
  // The first job reports a failed opening; until then it must not count as unhandled.
  dataset.catch(() => undefined);
  port.on("message", async (request: WorkerRequest) => {
    if (request === "close") return port.close();
    const { job } = request;
    try {
      const batch = await readBatch(await dataset, request.batch);
      port.postMessage({ job, batch } satisfies WorkerReply, [batch.images.buffer, batch.labels.buffer]);
    } catch (error) {
      port.postMessage({ job, error: plainError(error) } satisfies WorkerReply);
    }
  });
}
