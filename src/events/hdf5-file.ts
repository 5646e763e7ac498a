/**
 * HDF5 files through h5wasm: opened on first need, read slice by slice, every complaint of the library turned into
 * a DataFormatError. The filters of the h5wasm-plugins package (blosc, zstd, lz4, …) are at hand.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Dataset, File } from "h5wasm/node";
import { formatError } from "./format-error.js";

/** What every HDF5 file starts with. */
export const hdf5Magic = "\x89HDF\r\n\x1a\n";

/** A chunk is decompressed as a whole; this is far above any event recording's. */
const largestChunkBytes = 64 * 1024 * 1024;

type Library = typeof import("h5wasm/node");
let library: Promise<Library> | undefined;

async function loadLibrary(): Promise<Library> {
  const loaded = await import("h5wasm/node");
  const module = await loaded.ready;
  const plugins = createRequire(import.meta.url).resolve("h5wasm-plugins/package.json");
  module.insert_plugin_search_path(join(dirname(plugins), "plugins"), 0);
  module.activate_throwing_error_handler();
  return loaded;
}

/** An HDF5 file opened for reading; close it. */
export class Hdf5File implements Disposable {
  readonly path: string;
  readonly #library: Library;
  readonly #file: File;

  private constructor(path: string, library: Library, file: File) {
    this.path = path;
    this.#library = library;
    this.#file = file;
  }

  /** @throws DataFormatError if the library cannot open the file */
  static async open(path: string): Promise<Hdf5File> {
    library ??= loadLibrary();
    const loaded = await library;
    const file = complainingAs(loaded, { path, at: "HDF5 structure" }, () => new loaded.File(path, "r"));
    return new Hdf5File(path, loaded, file);
  }

  /** The data set of that name, or undefined. @throws DataFormatError if it is damaged or its chunks are absurd */
  column(name: string): Hdf5Column | undefined {
    const place = { path: this.path, at: name };
    return complainingAs(this.#library, place, () => {
      const [group, leaf] = name.includes("/") ? name.split("/") : [undefined, name];
      if (group !== undefined && !this.#file.keys().includes(group)) return undefined;
      const parent = group === undefined ? this.#file : this.#file.get(group);
      if (!(parent instanceof this.#library.Group) || !parent.keys().includes(leaf!)) return undefined;
      const data = parent.get(leaf!);
      if (!(data instanceof this.#library.Dataset)) return undefined;
      return new Hdf5Column(place, this.#library, data);
    });
  }

  close(): void {
    complainingAs(this.#library, { path: this.path, at: "HDF5 structure" }, () => this.#file.close());
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** A data set, read by rows. */
export class Hdf5Column {
  readonly shape: readonly number[];
  readonly #place: Place;
  readonly #library: Library;
  readonly #data: Dataset;

  constructor(place: Place, library: Library, data: Dataset) {
    this.#place = place;
    this.#library = library;
    this.#data = data;
    const { shape, chunks, size } = data.metadata;
    this.shape = shape ?? [];
    const chunkBytes = (chunks ?? []).reduce((product, edge) => product * edge, size);
    if (chunkBytes > largestChunkBytes) {
      throw formatError({ ...place, expected: "chunks below 64 MiB", received: `${chunkBytes} bytes` });
    }
  }

  /** Rows `start` ≤ row < `end` as numbers; 64-bit integers are rounded beyond 2^53. */
  numbers(start: number, end: number): ArrayLike<number> {
    const value = this.#slice(start, end);
    if (value instanceof BigInt64Array || value instanceof BigUint64Array)
      return Float64Array.from(value, Number);
    if (ArrayBuffer.isView(value)) return value as unknown as ArrayLike<number>;
    throw formatError({ ...this.#place, expected: "numbers", received: typeof value });
  }

  /** The number of a data set without dimensions. */
  scalar(): number {
    const value = complainingAs(this.#library, this.#place, () => this.#data.value);
    if (typeof value === "number" || typeof value === "bigint") return Number(value);
    throw formatError({ ...this.#place, expected: "one number", received: typeof value });
  }

  /** Rows of variable-length byte strings, flattened. */
  bytes(start: number, end: number): readonly Uint8Array[] {
    const value = this.#slice(start, end);
    if (Array.isArray(value) && value.every((cell) => cell instanceof Uint8Array)) return value;
    throw formatError({ ...this.#place, expected: "byte strings of any length", received: typeof value });
  }

  #slice(start: number, end: number) {
    const ranges = this.shape.map((edge, i): [number, number] => (i === 0 ? [start, end] : [0, edge]));
    const place = { ...this.#place, at: `${this.#place.at}[${start}:${end}]` };
    return complainingAs(this.#library, place, () => this.#data.slice(ranges));
  }
}

interface Place {
  readonly path: string;
  readonly at: string;
}

/** Runs a call into the library; its long stack of complaints becomes its most specific line. */
function complainingAs<T>(loaded: Library, place: Place, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof Error) || error.name === "DataFormatError") throw error;
    releaseErrorLogs(loaded);
    const lines = error.message.split("\n").filter((line) => /^\s*#\d+/.test(line));
    const reason = (lines.at(-1) ?? error.message.split("\n")[0] ?? "").replace(/^.*?\(\): /, "");
    throw formatError({ ...place, expected: "sound HDF5 data", received: reason }, { cause: error });
  }
}

/** The library writes each complaint to a temporary file that its own exception keeps it from closing. */
function releaseErrorLogs(loaded: Library): void {
  const files = loaded.FS as unknown as { streams: ({ path: string } | null)[]; close(stream: object): void };
  for (const stream of files.streams) if (stream && /tmpfile_\w+$/.test(stream.path)) files.close(stream);
}
