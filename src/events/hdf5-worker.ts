/**
 * The thread in which HDF5 files are read and written. The C library (h5wasm) can trap or loop for ever on a damaged file; here
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
 * with the thread. `create` begins a new file, into which `group` and `put` write.
 */
export type Hdf5Request =
  | { readonly kind: "open"; readonly path: string; readonly missingBytes: number }
  | { readonly kind: "close" }
  | { readonly kind: "list"; readonly name: string }
  | { readonly kind: "create"; readonly path: string }
  | { readonly kind: "group"; readonly name: string }
  | { readonly kind: "put"; readonly name: string; readonly set: Hdf5Set }
  | { readonly kind: "describe"; readonly name: string }
  | { readonly kind: "read"; readonly name: string; readonly start: number; readonly end: number };

/** A data set to write; texts are UTF-8. With chunks it is packed (gzip). */
export interface Hdf5Set {
  readonly shape: readonly number[];
  readonly data:
    | Float32Array
    | Float64Array
    | Uint8Array
    | Uint16Array
    | Uint32Array
    | BigInt64Array
    | BigUint64Array
    | readonly string[];
  readonly chunks?: readonly number[];
}

/** What is in a group by name: groups, data sets, and what is neither, such as links. */
export interface Hdf5Members {
  readonly groups: readonly string[];
  readonly sets: ReadonlyMap<string, Hdf5Description>;
  readonly others: readonly string[];
}

/** A data set; `type` is HDF5's class: 0 integers, 1 floats, 3 texts, 9 byte strings of any length; −1 what cannot be read. */
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

/** What a request gives: nothing, names, a description, or rows. */
export type Hdf5Value = undefined | Hdf5Members | Hdf5Description | Hdf5Numbers | Uint8Array[] | string[];

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

  type Group = InstanceType<Library["Group"]>;

  /** A name that stands for something elsewhere; what lies in other files is not read. */
  const linkOf = ({ Module: module }: Library, group: Group, name: string) => {
    const path = `${group.path}/${name}`;
    if ("filename" in module.get_external_link(group.file_id, path)) return "external";
    return module.get_symbolic_link(group.file_id, path) === null ? undefined : "soft";
  };

  const childOf = (library: Library, group: Group, name: string) => {
    const isHere = group.keys().includes(name) && linkOf(library, group, name) !== "external";
    return isHere ? group.get(name) : undefined;
  };

  /** `""` is the file itself. */
  const findGroup = (library: Library, name: string): Group | undefined => {
    let group: Group = file!;
    for (const part of name === "" ? [] : name.split("/")) {
      const child = childOf(library, group, part);
      if (!(child instanceof library.Group)) return undefined;
      group = child;
    }
    return group;
  };

  const find = (library: Library, name: string): Dataset | undefined => {
    const end = name.lastIndexOf("/");
    const group = findGroup(library, name.slice(0, Math.max(0, end)));
    const data = group && childOf(library, group, name.slice(end + 1));
    return data instanceof library.Dataset ? data : undefined;
  };

  const describe = ({ metadata }: Dataset): Hdf5Description => {
    const { shape, chunks, size, type, vlen_type } = metadata;
    const readable =
      ((type === 0 || type === 8) && [1, 2, 4, 8].includes(size)) ||
      (type === 1 && (size === 4 || size === 8)) ||
      type === 3 ||
      (type === 9 && vlen_type?.size === 1 && size === 8);
    const chunkBytes = (chunks ?? []).reduce((product, edge) => product * edge, size);
    // Enumerations, which booleans are, hold integers; a set without a shape holds nothing.
    const known = shape === null || !readable ? -1 : type === 8 ? 0 : type;
    return { shape: shape ?? [], chunkBytes, cellBytes: size, type: known };
  };

  const list = (library: Library, name: string): Hdf5Members | undefined => {
    const group = findGroup(library, name);
    if (group === undefined) return undefined;
    const groups: string[] = [];
    const sets = new Map<string, Hdf5Description>();
    const others: string[] = [];
    for (const member of group.keys()) {
      const entity = linkOf(library, group, member) === undefined ? group.get(member) : undefined;
      if (entity instanceof library.Group) groups.push(member);
      else if (entity instanceof library.Dataset) sets.set(member, describe(entity));
      else others.push(member);
    }
    return { groups, sets, others };
  };

  /** Throws what the library throws, which is answered as a trap. */
  const put = (name: string, { shape, data, chunks }: Hdf5Set) => {
    const isText = Array.isArray(data);
    file!.create_dataset({
      name,
      data: data as Float32Array | string[],
      shape: [...shape],
      ...(isText && { dtype: "S" }),
      ...(chunks && { chunks: [...chunks], compression: "gzip" }),
    });
  };

  const numbers = (buffer: ArrayBuffer, { type, size, signed }: Dataset["metadata"]) => {
    if (type === 1) return size === 4 ? new Float32Array(buffer) : new Float64Array(buffer);
    if (size === 1) return signed ? new Int8Array(buffer) : new Uint8Array(buffer);
    if (size === 2) return signed ? new Int16Array(buffer) : new Uint16Array(buffer);
    if (size === 4) return signed ? new Int32Array(buffer) : new Uint32Array(buffer);
    return Float64Array.from(signed ? new BigInt64Array(buffer) : new BigUint64Array(buffer), Number);
  };

  interface TextCells {
    readonly address: number;
    readonly cells: number;
    readonly size: number;
    /** Whether a cell is the address of its text, 0 of none. */
    readonly isVariable: boolean;
  }
  /** Texts end with a 0 or with their cell. */
  const texts = (heap: Uint8Array, { address, cells, size, isVariable }: TextCells) => {
    const view = new DataView(heap.buffer);
    const decoder = new TextDecoder("utf-8", { fatal: true });
    return Array.from({ length: cells }, (_, i) => {
      const cell = address + size * i;
      const start = isVariable ? view.getUint32(cell, true) : cell;
      const zero = heap.indexOf(0, start);
      const end = isVariable || (zero >= 0 && zero < cell + size) ? zero : cell + size;
      if (start === 0) return "";
      if (end < start) throw refused;
      try {
        return decoder.decode(heap.slice(start, end));
      } catch {
        throw refused;
      }
    });
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
      if (type === 3) return texts(heap, { address, cells, size, isVariable: metadata.vlen });
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
      if (type === 9 || metadata.vlen)
        module.reclaim_vlen_memory_count(file_id, path, "", BigInt(address), count);
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
    if (request.kind === "create") {
      file = new library.File(request.path, "w");
      if (file.file_id < 0n) throw refused;
      return undefined;
    }
    if (request.kind === "group") {
      file!.create_group(request.name);
      return undefined;
    }
    if (request.kind === "put") {
      put(request.name, request.set);
      return undefined;
    }
    if (request.kind === "list") return list(library, request.name);
    const data = find(library, request.name);
    if (request.kind === "read") {
      if (data === undefined) throw refused;
      return read(library, data, request.start, request.end);
    }
    return data && describe(data);
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
