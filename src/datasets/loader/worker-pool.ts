/** Worker threads that read batches; jobs go to the thread with the fewest. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { OptionError } from "../../errors.js";
import type { Batch, BatchJob } from "./batch.js";
import { revivedError, type WorkerReply, type WorkerRequest, type WorkerSetup } from "./loader-messages.js";

/** Whoever reads batches: this thread or others. */
export interface BatchReader {
  read(job: BatchJob): Promise<Batch>;
  /** Ends after the jobs under way. */
  close(): Promise<void>;
}

interface Thread {
  readonly worker: Worker;
  readonly jobs: Map<number, { resolve: (batch: Batch) => void; reject: (error: Error) => void }>;
  readonly ended: Promise<void>;
  /** Somebody waits for its end, which must keep the process alive. */
  closing: boolean;
}

/**
 * Starts `count` threads.
 *
 * @throws OptionError when this code runs as TypeScript source and no build is there to start threads from
 */
export function createWorkerPool(count: number, setup: WorkerSetup): BatchReader {
  const script = workerScript();
  const threads = Array.from({ length: count }, () => startThread(script, setup));
  let nextJob = 0;
  return {
    read(batch) {
      const thread = threads.reduce((least, other) => (other.jobs.size < least.jobs.size ? other : least));
      const job = nextJob++;
      return new Promise<Batch>((resolve, reject) => {
        thread.jobs.set(job, { resolve, reject });
        // Only a thread at work keeps the process alive.
        thread.worker.ref();
        thread.worker.postMessage({ job, batch } satisfies WorkerRequest);
      });
    },
    async close() {
      for (const thread of threads) {
        thread.closing = true;
        thread.worker.ref();
        thread.worker.postMessage("close" satisfies WorkerRequest);
      }
      await Promise.all(threads.map(({ ended }) => ended));
    },
  };
}

function startThread(script: URL, setup: WorkerSetup): Thread {
  const worker = new Worker(script, { workerData: setup, execArgv: [] });
  const jobs: Thread["jobs"] = new Map();
  const failAll = (error: Error) => {
    for (const { reject } of jobs.values()) reject(error);
    jobs.clear();
  };
  worker.unref();
  worker.on("message", (reply: WorkerReply) => {
    const waiting = jobs.get(reply.job);
    jobs.delete(reply.job);
    if (jobs.size === 0 && !thread.closing) worker.unref();
    if ("error" in reply) waiting?.reject(revivedError(reply.error));
    else waiting?.resolve(reply.batch);
  });
  worker.on("error", (error) => failAll(error instanceof Error ? error : new Error(String(error))));
  const ended = new Promise<void>((resolve) => {
    worker.once("exit", () => {
      failAll(new Error("a loader thread ended before its batch was read"));
      resolve();
    });
  });
  const thread: Thread = { worker, jobs, ended, closing: false };
  return thread;
}

/** Threads run JavaScript: the file beside this one, or the build's when this is the TypeScript source. */
function workerScript(): URL {
  const compiled = import.meta.url.endsWith(".js");
  const script = new URL(
    compiled ? "./loader-worker.js" : "../../../dist/datasets/loader/loader-worker.js",
    import.meta.url,
  );
  if (existsSync(fileURLToPath(script))) return script;
  throw new OptionError(
    `create loader: expected ${fileURLToPath(script)} for its worker threads, received no such file; build the package, or use 0 workers`,
  );
}
