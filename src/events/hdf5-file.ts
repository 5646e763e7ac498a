/** HDF5 files: data sets read row by row in a thread of their own, every failure a DataFormatError. */
import type { Worker } from "node:worker_threads";
import { formatError } from "./format-error.js";
import { type FileLengths, fileLengths } from "./hdf5-cut.js";
import { answerOf, returnThread, takeThread } from "./hdf5-thread.js";
import type { Hdf5Description, Hdf5Members, Hdf5Numbers, Hdf5Request, Hdf5Value } from "./hdf5-worker.js";

/** For a chunk, which is decompressed as a whole, and for one read; far above any event recording's. */
const largestReadBytes = 64 * 1024 * 1024;

const [integers, floats, texts, byteStrings] = [0, 1, 3, 9];

/** What errors say. */
export interface Hdf5Words {
  /** How they begin (default `read events`). */
  readonly operation?: string;
  /** Of the file (default its path). */
  readonly name?: string;
}

/** What is in a group by name: groups, data sets, and what is neither, such as links. */
export interface Hdf5Group {
  readonly groups: readonly string[];
  readonly columns: ReadonlyMap<string, Hdf5Column>;
  readonly others: readonly string[];
}

/** An HDF5 file opened for reading; close it. */
export class Hdf5File implements AsyncDisposable {
  /** As errors name it. */
  readonly path: string;
  /** How errors begin. */
  readonly operation: string;
  readonly #lengths: FileLengths;
  #worker: Worker | undefined;

  private constructor(
    { name, operation }: Required<Hdf5Words>,
    state: { readonly lengths: FileLengths; readonly worker: Worker },
  ) {
    this.path = name;
    this.operation = operation;
    this.#lengths = state.lengths;
    this.#worker = state.worker;
  }

  /** @throws DataFormatError if the library cannot open the file, or too much of it is missing */
  static async open(
    path: string,
    { operation = "read events", name = path }: Hdf5Words = {},
  ): Promise<Hdf5File> {
    const lengths = await fileLengths(path);
    const file = new Hdf5File({ operation, name }, { lengths, worker: await takeThread(path) });
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

  /** What is in a group, `group` or `group/group`, or undefined if there is no such group. @throws DataFormatError if it is damaged */
  async members(name: string): Promise<Hdf5Group | undefined> {
    const members = (await this.ask({ kind: "list", name }, name || "the file")) as Hdf5Members | undefined;
    if (members === undefined) return undefined;
    const columns = Array.from(members.sets, ([set, description]) => {
      const path = name === "" ? set : `${name}/${set}`;
      return [set, new Hdf5Column(this, path, description)] as const;
    });
    return { groups: members.groups, columns: new Map(columns), others: members.others };
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
      operation: this.operation,
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
    if (worker !== undefined) await returnThread(worker);
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

  /** Whether it holds texts. */
  get isText(): boolean {
    return this.#description.type === texts;
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

  /** All texts, flattened. */
  async texts(): Promise<readonly string[]> {
    if (!this.isText) this.#refuse(this.#name, "text");
    return (await this.#read(0, this.shape[0] ?? 1)) as string[];
  }

  /** All numbers, flattened and read in pieces; the caller bounds how many. */
  async allNumbers(): Promise<Hdf5Numbers> {
    const [rows = 1, ...row] = this.shape;
    const rowCells = row.reduce((product, edge) => product * edge, 1);
    const step = Math.max(1, Math.floor(largestReadBytes / (rowCells * this.#description.cellBytes)));
    if (rows <= step) return await this.numbers(0, rows);
    const first = await this.numbers(0, step);
    const all = new (first.constructor as Float32ArrayConstructor)(rows * rowCells);
    all.set(first);
    for (let start = step; start < rows; start += step) {
      all.set(await this.numbers(start, Math.min(rows, start + step)), start * rowCells);
    }
    return all;
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
    const { path, operation } = this.#file;
    throw formatError({ operation, path, at, expected, received });
  }
}
