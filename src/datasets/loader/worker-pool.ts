/** Worker threads that read batches; jobs go to the thread with the fewest. */
import { JobThread, threadScript } from "../../threads/index.js";
import type { Batch, BatchJob } from "./batch.js";
import type { WorkerSetup } from "./loader-setup.js";

/** Whoever reads batches: this thread or others. */
export interface BatchReader {
  read(job: BatchJob): Promise<Batch>;
  /** Ends after the jobs under way. */
  close(): Promise<void>;
}

/**
 * Starts `count` threads.
 *
 * @throws OptionError when this code runs as TypeScript source and no build is there to start threads from
 */
export function createWorkerPool(count: number, setup: WorkerSetup): BatchReader {
  const script = threadScript("datasets/loader/loader-worker", "use 0 workers");
  const threads = Array.from({ length: count }, () => new JobThread<BatchJob, Batch>(script, setup));
  return {
    read: (batch) =>
      threads.reduce((least, other) => (other.pending < least.pending ? other : least)).run(batch),
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
  };
}
