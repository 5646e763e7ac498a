/**
 * The thread in which HDF5 files are read. The C library (h5wasm) can trap or loop for ever on a damaged file; here
 * that harms nobody, and the thread can be ended.
 *
 * Reads go to the C functions that h5wasm exposes and not to its `slice`, which ignores a failed read: it returns
 * whatever the memory held, and releases variable-length data at whatever addresses that spells.
 */
import type { MessagePort } from "node:worker_threads";
import type { Dataset, File } from "h5wasm/node";

/** What the thread is told at its start. */
export interface Hdf5WorkerSetup {
  readonly library: string;
  readonly plugins: string;
  /** A file descriptor that swallows the complaints which the C library prints. */
  readonly silence: number;
}

/**
 * A file may be cut off by `missingBytes`; what would be read from these is refused. `name` is `set` or `group/set`; rows `start` ≤ row < `end`. Files are closed by `close` or
 * with the thread.
 */
export type Hdf5Request =
  | { readonly kind: "open"; readonly path: string; readonly missingBytes: number }
  | { readonly kind: "close" }
  | { readonly kind: "describe"; readonly name: string }
  | { readonly kind: "read"; readonly name: string; readonly start: number; readonly end: number };

/** A data set; `type` is HDF5's class: 0 integers, 1 floats, 9 byte strings of any length (and others). */
export interface Hdf5Description {
  readonly shape: readonly number[];
  readonly chunkBytes: number;
  readonly cellBytes: number;
  readonly type: number;
}

export type Hdf5Numbers =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/** What a request gives: nothing, a description, or rows. */
export type Hdf5Value = undefined | Hdf5Description | Hdf5Numbers | Uint8Array[];

/** `trapped`: the library is in no state to go on. */
export type Hdf5Reply =
  | { readonly value: Hdf5Value }
  | { readonly refused: true }
  | { readonly trapped: string };

type Library = typeof import("h5wasm/node");

/**
 * The thread's program. It is sent as text ({@link hdf5WorkerSource}), so that it runs from sources and from a
 * build alike; so it uses nothing from outside its own braces.
 */
function main(load: (address: string) => Promise<unknown>, port: MessagePort, setup: Hdf5WorkerSetup): void {
  const refused = Symbol("refused");
  let file: File | undefined;
  let missingBytes = 0;
  let isMissingRead = false;

  // Damaged lengths of strings would let the library's memory grow to 2 GiB; this makes its malloc fail earlier.
  const largestMemory = 256 * 1024 * 1024;
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } })
    .WebAssembly;
  const grow = Memory.prototype.grow;
  Memory.prototype.grow = function (this: Memory, pages: number) {
    if (this.buffer.byteLength + pages * 65_536 > largestMemory) throw new RangeError("memory limit");
    return grow.call(this, pages);
  };

  // The library opens no file that is shorter than it states, and takes what lies beyond its end for zeros. So a file
  // that was cut off is shown at its stated length, and reads of the missing part are noticed.
  const showMissing = (fs: typeof import("node:fs")) => {
    const { fstatSync, readSync } = fs;
    fs.fstatSync = ((descriptor: number) => {
      const state = fstatSync(descriptor);
      state.size += missingBytes;
      return state;
    }) as typeof fstatSync;
    fs.readSync = ((...args: [number, Uint8Array, number, number, number]) => {
      const count = readSync(...args);
      if (count < args[3]) isMissingRead = true;
      return count;
    }) as typeof readSync;
  };

  const prepared = (async () => {
    showMissing(((await load("node:fs")) as { readonly default: typeof import("node:fs") }).default);
    const library = (await load(setup.library)) as Library;
    const module = await library.ready;
    module.insert_plugin_search_path(setup.plugins, 0);
    const { streams } = module.FS as unknown as { readonly streams: { nfd: number }[] };
    streams[2]!.nfd = setup.silence;
    return library;
  })();

  const find = ({ Dataset, Group }: Library, name: string): Dataset | undefined => {
    let group: InstanceType<Library["Group"]> = file!;
    const parts = name.split("/");
    for (const part of parts.slice(0, -1)) {
      const child = group.keys().includes(part) ? group.get(part) : undefined;
      if (!(child instanceof Group)) return undefined;
      group = child;
    }
    const leaf = parts[parts.length - 1]!;
    const data = group.keys().includes(leaf) ? group.get(leaf) : undefined;
    return data instanceof Dataset ? data : undefined;
  };

  const numbers = (buffer: ArrayBuffer, { type, size, signed }: Dataset["metadata"]) => {
    if (type === 1) return size === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
    if (size === 1) return signed ? new Int8Array(buffer) : new Uint8Array(buffer);
    if (size === 2) return signed ? new Int16Array(buffer) : new Uint16Array(buffer);
    if (size === 4) return signed ? new Int32Array(buffer) : new Uint32Array(buffer);
    return Float64Array.from(signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer), Number);
  };

  const read = ({ Module: module }: Library, data: Dataset, start: number, end: number) => {
    const { metadata, file_id, path } = data;
    const { size, type } = metadata;
    const count = (metadata.shape ?? []).map((edge, i) => BigInt(i === 0 ? end - start : edge));
    const cells = Number(count.reduce((product, edge) => product * edge, 1n));
    const address = module._malloc(Math.max(1, cells * size));
    if (address === 0) throw refused;
    // Zeros are strings without content: safe to release if the read fails.
    module.HEAPU8.fill(0, address, address + cells * size);
    try {
      const offset = count.map((_, i) => BigInt(i === 0 ? start : 0));
      const strides = count.map(() => 1n);
      const all = count.length === 0;
      const status = all
        ? module.get_dataset_data(file_id, path, null, null, null, BigInt(address))
        : module.get_dataset_data(file_id, path, count, offset, strides, BigInt(address));
      if (status < 0) throw refused;
      const heap = module.HEAPU8;
      if (type !== 9)
        return numbers(heap.slice(address, address + cells * size).buffer as ArrayBuffer, metadata);
      const view = new DataView(heap.buffer);
      return Array.from({ length: cells }, (_, i) => {
        const [length, content] = [
          view.getUint32(address + 8 * i, true),
          view.getUint32(address + 8 * i + 4, true),
        ];
        return new Uint8Array(heap.slice(content, content + length));
      });
    } finally {
      if (type === 9) module.reclaim_vlen_memory_count(file_id, path, "", BigInt(address), count);
      module._free(address);
    }
  };

  const answer = (library: Library, request: Hdf5Request): Hdf5Value => {
    if (request.kind === "open") {
      missingBytes = request.missingBytes;
      file = new library.File(request.path, "r");
      if (file.file_id < 0n) throw refused;
      return undefined;
    }
    if (request.kind === "close") {
      file?.close();
      file = undefined;
      missingBytes = 0;
      return undefined;
    }
    const data = find(library, request.name);
    if (request.kind === "read") {
      if (data === undefined) throw refused;
      return read(library, data, request.start, request.end);
    }
    if (data === undefined) return undefined;
    const { shape, chunks, size, type, vlen_type } = data.metadata;
    const readable = type === 0 || type === 1 || (type === 9 && vlen_type?.size === 1 && size === 8);
    const chunkBytes = (chunks ?? []).reduce((product, edge) => product * edge, size);
    // Enumerations, which booleans are, hold integers.
    return { shape: shape ?? [], chunkBytes, cellBytes: size, type: readable ? type : type === 8 ? 0 : -1 };
  };

  port.on("message", async (request: Hdf5Request) => {
    const library = await prepared;
    isMissingRead = false;
    try {
      const value = answer(library, request);
      if (missingBytes > 0 && isMissingRead) {
        // Nor may it answer from what it has cached of the missing part.
        if (file !== undefined) {
          const { filename } = file;
          file.close();
          file = new library.File(filename, "r");
        }
        throw refused;
      }
      port.postMessage({ value } satisfies Hdf5Reply);
    } catch (error) {
      port.postMessage(
        (error === refused ? { refused: true } : { trapped: String(error) }) satisfies Hdf5Reply,
      );
    }
  });
}

/** JavaScript for `new Worker(…, { eval: true })`. */
export const hdf5WorkerSource = `
  const { parentPort, workerData } = require("node:worker_threads");
  (${main.toString()})((address) => import(address), parentPort, workerData);
`;
