/** HDF5 files: data sets read row by row in a thread of their own, every failure a DataFormatError. */
import { openSync } from "node:fs";
import { createRequire } from "node:module";
import { devNull } from "node:os";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { FileError } from "../errors.js";
import { formatError } from "./format-error.js";
import { type FileLengths, fileLengths } from "./hdf5-cut.js";
import {
  type Hdf5Description,
  type Hdf5Numbers,
  type Hdf5Reply,
  type Hdf5Request,
  type Hdf5Value,
  type Hdf5WorkerSetup,
  hdf5WorkerSource,
} from "./hdf5-worker.js";

/** For a chunk, which is decompressed as a whole, and for one read; far above any event recording's. */
const largestReadBytes = 64 * 1024 * 1024;

/** A read takes milliseconds of computation; a thread that is silent for longer hangs on a damaged file. */
const longestAnswerMs = 2000;
/** However busy the machine is. */
const longestSilenceMs = 60_000;

const [integers, floats, byteStrings] = [0, 1, 9];

/** Threads that wait for their next file. */
const idle: Worker[] = [];
let silence: number | undefined;

/** An HDF5 file opened for reading; close it. */
export class Hdf5File implements AsyncDisposable {
  readonly path: string;
  readonly #lengths: FileLengths;
  #worker: Worker | undefined;

  private constructor(path: string, lengths: FileLengths, worker: Worker) {
    this.path = path;
    this.#lengths = lengths;
    this.#worker = worker;
  }

  /** @throws DataFormatError if the library cannot open the file, or too much of it is missing */
  static async open(path: string): Promise<Hdf5File> {
    const lengths = await fileLengths(path);
    const file = new Hdf5File(path, lengths, idle.pop() ?? (await startWorker(path)));
    const missingBytes = Math.max(0, lengths.stated - lengths.real);
    await file.ask({ kind: "open", path, missingBytes }, "HDF5 structure");
    return file;
  }

  /** The file is shorter than it states; rows whose bytes are missing cannot be read. */
  get isCut(): boolean {
    return this.#lengths.stated > this.#lengths.real;
  }

  /** The data set `name` or `group/name`, or undefined. @throws DataFormatError if it is damaged */
  async column(name: string): Promise<Hdf5Column | undefined> {
    const description = (await this.ask({ kind: "describe", name }, name)) as Hdf5Description | undefined;
    return description && new Hdf5Column(this, name, description);
  }

  /** Sends a request to the thread. A thread that traps, hangs or dies is given up. */
  async ask(request: Hdf5Request, at: string): Promise<Hdf5Value> {
    const worker = this.#worker;
    const reply = worker && (await answerOf(worker, request));
    if (reply && "value" in reply) return reply.value;
    if (!reply || "trapped" in reply) {
      await worker?.terminate();
      this.#worker = undefined;
    } else if (request.kind === "open") await this.close();
    throw formatError({
      path: this.path,
      at,
      expected: "sound HDF5 data",
      received: this.isCut
        ? `a file that was cut off after ${this.#lengths.real} of ${this.#lengths.stated} bytes`
        : "content that the HDF5 library cannot read",
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    if (worker === undefined) return;
    const reply = await answerOf(worker, { kind: "close" });
    if (reply && "value" in reply) idle.push(worker);
    else await worker.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A data set, read by rows. */
export class Hdf5Column {
  readonly shape: readonly number[];
  readonly #file: Hdf5File;
  readonly #name: string;
  readonly #description: Hdf5Description;

  constructor(file: Hdf5File, name: string, description: Hdf5Description) {
    this.#file = file;
    this.#name = name;
    this.#description = description;
    this.shape = description.shape;
    if (description.chunkBytes > largestReadBytes) this.#refuse(name, "chunks below 64 MiB");
  }

  /** Whether it holds numbers with fractions. */
  get isFloat(): boolean {
    return this.#description.type === floats;
  }

  /** Rows `start` ≤ row < `end` as numbers, booleans as 0 and 1; 64-bit integers are rounded beyond 2^53. */
  async numbers(start: number, end: number): Promise<Hdf5Numbers> {
    const { type } = this.#description;
    if (type !== integers && type !== floats) this.#refuse(this.#name, "numbers");
    return (await this.#read(start, end)) as Hdf5Numbers;
  }

  /** The number of a data set without dimensions. */
  async scalar(): Promise<number> {
    if (this.shape.length !== 0) this.#refuse(this.#name, "one number");
    return (await this.numbers(0, 1))[0]!;
  }

  /** Rows of byte strings of any length, flattened. */
  async bytes(start: number, end: number): Promise<readonly Uint8Array[]> {
    if (this.#description.type !== byteStrings) this.#refuse(this.#name, "byte strings of any length");
    return (await this.#read(start, end)) as Uint8Array[];
  }

  #read(start: number, end: number) {
    const at = `${this.#name}[${start}:${end}]`;
    const rowCells = this.shape.slice(1).reduce((product, edge) => product * edge, 1);
    if ((end - start) * rowCells * this.#description.cellBytes > largestReadBytes) {
      this.#refuse(at, "rows below 64 MiB");
    }
    return this.#file.ask({ kind: "read", name: this.#name, start, end }, at);
  }

  #refuse(at: string, expected: string): never {
    const { shape, type, cellBytes, chunkBytes } = this.#description;
    const received = `shape [${shape}] of type class ${type}, ${cellBytes} bytes a cell, ${chunkBytes} a chunk`;
    throw formatError({ path: this.#file.path, at, expected, received });
  }
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
function answerOf(
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
