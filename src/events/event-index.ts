/**
 * Any window of a recording without what lies before it: one pass notes where decoders can start again, and which times
 * lie between. Memory: the notes, and the events that were asked for last.
 */
import { type EventBatch, EventCollector } from "./event-batch.js";
import { type EventRate, EventRateCounter } from "./event-rate.js";
import type { EventFile, EventFileHead, EventFileOptions, ReadEvents } from "./event-reader.js";
import { type EventBlobOptions, openBlobFile } from "./open-events-blob.js";
import { SkipLog, type Skipped, SkippedEvents } from "./skipped-events.js";

/** Blocks have at least so many events; where there are too many blocks, twice as many. */
const eventsApart = 16_384;
const mostBlocks = 4096;
/** Events that are kept decoded, of 13 bytes each. */
const mostKept = 2 ** 20;

/** Events that are read together. */
interface Block {
  /** Reads on from its first event. */
  readonly read: ReadEvents;
  events: number;
  earliestUs: number;
  latestUs: number;
}

/** A recording of which any window can be read. */
export interface IndexedEvents extends EventFileHead {
  /** Number of events that can be used. */
  readonly events: number;
  /** Times of the earliest and the latest event in microseconds; NaN without events. */
  readonly rangeUs: readonly [first: number, last: number];
  /** The smallest width and height in pixels that hold all events. */
  readonly extent: readonly [width: number, height: number];
  /** What cannot be used. */
  readonly skipped: readonly Skipped[];
  /**
   * Events over time.
   *
   * @param most - stretches of time, 1 or more
   */
  rate(most: number): EventRate;
  /**
   * All events with `startUs` ≤ time < `endUs`, in the order of the recording.
   *
   * @param startUs - start in microseconds, included
   * @param endUs - end in microseconds, not included
   * @throws FileError if the recording cannot be read any more
   */
  window(startUs: number, endUs: number): Promise<EventBatch>;
}

/**
 * Opens a recording that a page was given, and reads it once, so that windows of it are found at once. Its events are not kept:
 * memory does not grow with the recording.
 *
 * @param blob - read piece by piece
 * @param options - what the file does not say about itself
 * @throws DataFormatError, OptionError or FileError as `openEventsBlob` and reading do
 * @example
 * import { indexEventsBlob } from "snnseg/web";
 *
 * const dropped = new Blob(["1000 3 5 1\n1400 4 5 0\n3200 4 5 1\n"]); // t x y p
 * const recording = await indexEventsBlob(dropped, { timeUnit: "us" });
 * const { length } = await recording.window(1200, 3200);
 * console.log(recording.rangeUs, length); // [1000, 3200] 1
 */
export async function indexEventsBlob(blob: Blob, options: EventBlobOptions = {}): Promise<IndexedEvents> {
  return indexEvents(await openBlobFile(blob, options), options);
}

/** The index of a file's events, after one pass over it. */
export async function indexEvents(
  { read, ...head }: EventFile,
  { strict = false }: Pick<EventFileOptions, "strict">,
): Promise<IndexedEvents> {
  const skipped = new SkippedEvents();
  const log = new SkipLog(head.path, { strict, skipped });
  const blocks = new Blocks(read);
  const rates = new EventRateCounter();
  let next: ReadEvents | undefined;
  let [width, height] = [0, 0];
  const mark = (rest: ReadEvents) => {
    next = rest;
  };
  for await (const batch of read(log, mark)) {
    rates.add(batch);
    for (let i = 0; i < batch.length; i++) {
      width = Math.max(width, batch.x[i]! + 1);
      height = Math.max(height, batch.y[i]! + 1);
    }
    blocks.add(batch, next);
  }
  const { all } = blocks;
  const events = all.reduce((sum, block) => sum + block.events, 0);
  log.checkSomeLeft(events);
  const first = Math.min(...all.map(({ earliestUs }) => earliestUs));
  const last = Math.max(...all.map(({ latestUs }) => latestUs));
  const kept = new KeptBlocks(head.path);
  return {
    ...{ ...head, events, extent: [width, height], skipped: skipped.list() },
    rangeUs: events > 0 ? [first, last] : [NaN, NaN],
    rate: (most) => rates.rate(most),
    async window(startUs, endUs) {
      const found = new EventCollector();
      for (const block of all) {
        if (block.latestUs < startUs || block.earliestUs >= endUs) continue;
        addWithin(found, await kept.eventsOf(block), { startUs, endUs });
      }
      return found.take();
    },
  };
}

/** The blocks of a recording while it is read. */
class Blocks {
  all: Block[] = [];
  #apart = eventsApart;

  constructor(read: ReadEvents) {
    this.all.push(emptyBlock(read));
  }

  /** @param next - reads on after the batch, where the format can */
  add({ timestampsUs, length }: EventBatch, next: ReadEvents | undefined): void {
    const block = this.all.at(-1)!;
    block.events += length;
    for (let i = 0; i < length; i++) {
      block.earliestUs = Math.min(block.earliestUs, timestampsUs[i]!);
      block.latestUs = Math.max(block.latestUs, timestampsUs[i]!);
    }
    if (next === undefined || block.events < this.#apart) return;
    if (this.all.length === mostBlocks) this.#joinPairs();
    this.all.push(emptyBlock(next));
  }

  #joinPairs(): void {
    this.#apart *= 2;
    this.all = this.all.flatMap((block, i, all) => {
      const other = all[i + 1];
      if (i % 2 === 1) return [];
      return other === undefined ? [block] : [joined(block, other)];
    });
  }
}

function emptyBlock(read: ReadEvents): Block {
  return { read, events: 0, earliestUs: Infinity, latestUs: -Infinity };
}

function joined(first: Block, second: Block): Block {
  return {
    ...{ read: first.read, events: first.events + second.events },
    earliestUs: Math.min(first.earliestUs, second.earliestUs),
    latestUs: Math.max(first.latestUs, second.latestUs),
  };
}

/** The blocks that were asked for last, decoded. */
class KeptBlocks {
  readonly #path: string;
  readonly #kept = new Map<Block, EventBatch>();
  #events = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async eventsOf(block: Block): Promise<EventBatch> {
    const known = this.#kept.get(block);
    const events = known ?? (await readBlock(block, this.#path));
    // The map's order is that of use.
    if (!this.#kept.delete(block)) this.#events += events.length;
    this.#kept.set(block, events);
    for (const [oldest, { length }] of this.#kept) {
      if (this.#events <= mostKept) break;
      this.#kept.delete(oldest);
      this.#events -= length;
    }
    return events;
  }
}

async function readBlock({ read, events }: Block, path: string): Promise<EventBatch> {
  const collector = new EventCollector(events);
  // What cannot be used was told in the first pass.
  const log = new SkipLog(path, { strict: false, skipped: new SkippedEvents() });
  for await (const batch of read(log)) {
    collector.append(batch);
    if (collector.length >= events) break;
  }
  return collector.take();
}

function addWithin(
  to: EventCollector,
  { timestampsUs, x, y, polarity, length }: EventBatch,
  { startUs, endUs }: { readonly startUs: number; readonly endUs: number },
): void {
  for (let i = 0; i < length; i++) {
    const timeUs = timestampsUs[i]!;
    if (timeUs >= startUs && timeUs < endUs) to.push(timeUs, x[i]!, y[i]!, polarity[i]!);
  }
}
