/** Threads that run the HDF5 library: started, asked with a limit on time, kept for the next file. */
import { openSync } from "node:fs";
import { createRequire } from "node:module";
import { devNull } from "node:os";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { FileError } from "../errors.js";
import { type Hdf5Reply, type Hdf5Request, type Hdf5WorkerSetup, hdf5WorkerSource } from "./hdf5-worker.js";

/** A read takes milliseconds of computation; a thread that is silent for longer hangs on a damaged file. */
const longestAnswerMs = 2000;
/** However busy the machine is. */
export const longestSilenceMs = 60_000;

/** Threads that wait for their next file. */
const idle: Worker[] = [];
let silence: number | undefined;

/** An idle thread or a new one, for the file `path`. @throws FileError if the library does not start */
export async function takeThread(path: string): Promise<Worker> {
  return idle.pop() ?? (await startWorker(path));
}

/** Closes the thread's file and keeps the thread; one that does not answer is ended. Returns whether the file was closed. */
export async function returnThread(worker: Worker): Promise<boolean> {
  const reply = await answerOf(worker, { kind: "close" });
  const isSound = reply !== undefined && "value" in reply;
  if (isSound) idle.push(worker);
  else await worker.terminate();
  return isSound;
}

/** A thread that has loaded the library, which may take seconds where other programs keep the machine busy. */
async function startWorker(path: string): Promise<Worker> {
  const worker = newWorker();
  if (await answerOf(worker, { kind: "close" }, { computingMs: longestSilenceMs })) return worker;
  await worker.terminate();
  throw new FileError(
    `read ${path}: expected the HDF5 library to start within ${longestSilenceMs / 1000} s, received no answer; try again when the machine is less busy, or install the packages anew`,
  );
}

function newWorker(): Worker {
  silence ??= openSync(devNull, "w");
  const plugins = createRequire(import.meta.url).resolve("h5wasm-plugins/package.json");
  const workerData: Hdf5WorkerSetup = {
    library: import.meta.resolve("h5wasm/node"),
    plugins: join(dirname(plugins), "plugins"),
    silence,
  };
  // What the thread prints (`Aborted(…)`) is no concern of the user.
  return new Worker(hdf5WorkerSource, { eval: true, workerData, execArgv: [], stdout: true, stderr: true });
}

/**
 * The thread's reply, or undefined if it died or takes too long. Only a thread at work keeps the process alive.
 *
 * What counts is the process's own computing time, so that other programs do not make a sound file look damaged.
 */
export function answerOf(
  worker: Worker,
  request: Hdf5Request,
  { computingMs = longestAnswerMs }: { readonly computingMs?: number } = {},
): Promise<Hdf5Reply | undefined> {
  return new Promise((resolve) => {
    const [began, before] = [performance.now(), process.cpuUsage()];
    let isLate = false;
    const finish = (reply?: Hdf5Reply) => {
      clearInterval(watch);
      worker.off("message", finish).off("error", fail).off("exit", fail);
      worker.unref();
      resolve(reply);
    };
    const fail = () => finish();
    const watch = setInterval(() => {
      // After a long computation on this thread the timer is due before a reply that came meanwhile is seen.
      if (isLate) return fail();
      const { user, system } = process.cpuUsage(before);
      const silentMs = performance.now() - began;
      isLate = silentMs > longestSilenceMs || Math.min(silentMs, (user + system) / 1000) > computingMs;
    }, 100);
    worker.on("message", finish).on("error", fail).on("exit", fail);
    worker.ref();
    worker.postMessage(request);
  });
}
