/**
 * Prepared records in memory that all worker threads share, so that no file is decoded twice while they fit.
 *
 * The first records that fit are kept for good: with a shuffled order any fixed choice is hit equally often, and
 * nothing has to be evicted.
 */
import type { PreparedRecord, RecordStore } from "../core/record.js";
import { EMPTY, READY, sharedMemory, WRITING } from "./shared-memory.js";

/** Sizes of one record and the number of records that the buffer holds; plain data, for worker threads. */
export interface CacheLayout {
  readonly slots: number;
  readonly valuesLength: number;
  readonly labelLength: number;
}

/** The layout with as many of `records` as `bytes` hold. */
export function cacheLayout(
  record: Omit<CacheLayout, "slots">,
  { records, bytes }: { readonly records: number; readonly bytes: number },
): CacheLayout {
  const slots = Math.min(records, Math.floor(bytes / slotBytes(record)));
  return { ...record, slots };
}

/**
 * Memory for a layout, filled with empty slots.
 *
 * Every page is written once: a run then has its full size from the start, or fails there, instead of growing
 * through its first epoch.
 *
 * @throws OptionError if there is not as much
 */
export function createCacheMemory(layout: CacheLayout): SharedArrayBuffer {
  const memory = sharedMemory(layout.slots * slotBytes(layout));
  new Uint8Array(memory).fill(EMPTY);
  return memory;
}

/** A view of the shared memory; every thread makes its own. */
export class RecordCache implements RecordStore {
  readonly layout: CacheLayout;
  readonly memory: SharedArrayBuffer;
  readonly #states: Int32Array;

  constructor(layout: CacheLayout, memory: SharedArrayBuffer) {
    this.layout = layout;
    this.memory = memory;
    this.#states = new Int32Array(memory, 0, layout.slots);
  }

  /** The record, or `undefined` where it is not kept. The arrays lie in the shared memory: do not write to them. */
  get(record: number): PreparedRecord | undefined {
    if (record >= this.layout.slots || Atomics.load(this.#states, record) !== READY) return undefined;
    return this.#slot(record);
  }

  /** Keeps a copy, unless the record has no slot or another thread was first. */
  set(record: number, { values, label }: PreparedRecord): void {
    if (record >= this.layout.slots) return;
    if (Atomics.compareExchange(this.#states, record, EMPTY, WRITING) !== EMPTY) return;
    const slot = this.#slot(record);
    slot.values.set(values);
    slot.label.set(label);
    Atomics.store(this.#states, record, READY);
  }

  #slot(record: number): PreparedRecord {
    const { slots, valuesLength, labelLength } = this.layout;
    const valuesAt = 4 * (slots + record * valuesLength);
    const labelsAt = 4 * slots * (1 + valuesLength) + record * labelLength;
    return {
      values: new Float32Array(this.memory, valuesAt, valuesLength),
      label: new Uint8Array(this.memory, labelsAt, labelLength),
    };
  }
}

function slotBytes({ valuesLength, labelLength }: Omit<CacheLayout, "slots">): number {
  return 4 + 4 * valuesLength + labelLength;
}
