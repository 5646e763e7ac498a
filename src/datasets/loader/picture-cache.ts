/**
 * Decoded pictures in memory that all worker threads share, so that no file is decoded twice while they fit.
 *
 * As in record-cache.ts the first that fit are kept for good; but pictures have sizes of their own, so that each takes
 * its place when it comes.
 */
import type { DecodedPicture, PictureStore } from "../core/record.js";
import { EMPTY, READY, sharedMemory, WRITING } from "./shared-memory.js";

/** Words of a record's entry: its state, where its bytes begin in units of {@link UNIT}, height and width. */
const ENTRY = 4;
/** Bytes; 2³¹ of them are more than any memory here. */
const UNIT = 16;

/** Plain data, for worker threads. */
export interface PictureMemory {
  readonly records: number;
  readonly memory: SharedArrayBuffer;
}

/**
 * Memory of `bytes` for the pictures of some of `records`.
 *
 * @throws OptionError if there is not as much
 */
export function createPictureMemory(records: number, bytes: number): PictureMemory {
  return { records, memory: sharedMemory(headerBytes(records) + Math.floor(bytes)) };
}

/** A view of the shared memory; every thread makes its own. */
export class PictureCache implements PictureStore {
  readonly #memory: SharedArrayBuffer;
  /** The entries, and before them the first unit that is free. */
  readonly #header: Int32Array;

  constructor({ records, memory }: PictureMemory) {
    this.#memory = memory;
    this.#header = new Int32Array(memory, 0, 1 + ENTRY * records);
    Atomics.compareExchange(this.#header, 0, 0, Math.ceil(headerBytes(records) / UNIT));
  }

  /** The picture, or `undefined` where it is not kept. The arrays lie in the shared memory: do not write to them. */
  get(record: number): DecodedPicture | undefined {
    const entry = 1 + ENTRY * record;
    if (Atomics.load(this.#header, entry) !== READY) return undefined;
    const [unit = 0, height = 0, width = 0] = this.#header.subarray(entry + 1, entry + ENTRY);
    return this.#pictureAt(unit, height, width);
  }

  /** Keeps a copy, unless there is no room for it or another thread was first. */
  set(record: number, { picture, labels }: DecodedPicture): void {
    const entry = 1 + ENTRY * record;
    if (Atomics.compareExchange(this.#header, entry, EMPTY, WRITING) !== EMPTY) return;
    const { height, width } = picture;
    const units = Math.ceil((4 * height * width) / UNIT);
    const unit = this.#take(units);
    if (unit === undefined) return;
    const kept = this.#pictureAt(unit, height, width);
    kept.picture.data.set(picture.data);
    kept.labels.data.set(labels.data);
    this.#header.set([unit, height, width], entry + 1);
    Atomics.store(this.#header, entry, READY);
  }

  /** The first of so many units that nobody else has, or `undefined` if there are none. */
  #take(units: number): number | undefined {
    const most = Math.floor(this.#memory.byteLength / UNIT);
    for (;;) {
      const unit = Atomics.load(this.#header, 0);
      if (unit + units > most) return undefined;
      if (Atomics.compareExchange(this.#header, 0, unit, unit + units) === unit) return unit;
    }
  }

  #pictureAt(unit: number, height: number, width: number): DecodedPicture {
    const [at, pixels] = [unit * UNIT, height * width];
    return {
      picture: { height, width, data: new Uint8Array(this.#memory, at, 3 * pixels) },
      labels: { height, width, data: new Uint8Array(this.#memory, at + 3 * pixels, pixels) },
    };
  }
}

function headerBytes(records: number): number {
  return 4 * (1 + ENTRY * records);
}
