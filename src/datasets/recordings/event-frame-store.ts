/**
 * Event frames cut from recordings when they are first needed, and kept on the disk.
 *
 * Files with an index (DSEC) are read at the place; others once from start to end, for all moments together.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import {
  type EventBatch,
  type EventFileOptions,
  type EventReader,
  openEvents,
  type RectifyMap,
  readRectifyMap,
  type SeekableEventReader,
  sliceAround,
} from "../../events/index.js";
import { fileError, readFileBytes, sha256 } from "../../files/index.js";
import type { Planes, Size } from "../../images/index.js";
import type { EventFrameOptions } from "./event-frame.js";
import { cutFrame } from "./event-framing.js";
import { parseNpy } from "./npy.js";
import { writeNpy } from "./npy-write.js";

/** A recording and the moments whose frames are wanted. */
export interface FramedRecording {
  readonly path: string;
  /** In rising order. */
  readonly momentsUs: readonly number[];
  /** DSEC's `rectify_map.h5`, where the labels are rectified. */
  readonly rectifyMap?: string;
}

/** Makes and keeps frames in `folder`. Several threads or processes may share it. */
export class EventFrameStore {
  readonly #folder: string;
  readonly #options: EventFrameOptions;
  readonly #reading: EventFileOptions;
  readonly #readers = new Map<string, Promise<EventReader>>();
  readonly #passes = new Map<string, Promise<void>>();
  readonly #maps = new Map<string, Promise<RectifyMap>>();

  constructor(
    folder: string,
    { reading, ...options }: EventFrameOptions & { readonly reading: EventFileOptions },
  ) {
    this.#folder = folder;
    this.#options = options;
    this.#reading = reading;
  }

  /** The frame of a moment, `[C, H, W]`; events outside the size are cut off. */
  async frame(recording: FramedRecording, momentUs: number, size: Size): Promise<Planes> {
    const file = await this.#file(recording, momentUs, size);
    const kept = await readFileBytes(file).catch(() => undefined);
    if (kept !== undefined) return planesOfNpy(kept, file);
    const reader = await this.#reader(recording.path);
    if ("window" in reader) {
      const startUs = momentUs - this.#options.windowUs;
      const events = await (reader as SeekableEventReader).window(startUs, momentUs + 1);
      const planes = await this.#planes(events, recording, momentUs, size);
      await writeNpy(file, planes.data, [planes.channels, planes.height, planes.width]);
      return planes;
    }
    const key = `${recording.path} ${size}`;
    const pass = this.#passes.get(key) ?? this.#cutAll(recording, size, reader.batches());
    this.#passes.set(key, pass);
    await pass;
    return planesOfNpy(await readFileBytes(file), file);
  }

  async #cutAll(recording: FramedRecording, size: Size, batches: AsyncIterable<EventBatch>): Promise<void> {
    const { momentsUs } = recording;
    let i = 0;
    for await (const { events } of sliceAround(batches, { momentsUs, beforeUs: this.#options.windowUs })) {
      const momentUs = momentsUs[i++] as number;
      const { channels, height, width, data } = await this.#planes(events, recording, momentUs, size);
      await writeNpy(await this.#file(recording, momentUs, size), data, [channels, height, width]);
    }
  }

  async #planes(
    events: EventBatch,
    { rectifyMap }: FramedRecording,
    momentUs: number,
    size: Size,
  ): Promise<Planes> {
    const map = rectifyMap === undefined ? undefined : await this.#map(rectifyMap);
    const startUs = momentUs - this.#options.windowUs;
    return cutFrame(events, { frame: this.#options, map, size, startUs }).values;
  }

  #reader(path: string): Promise<EventReader> {
    const reader = this.#readers.get(path) ?? openEvents(path, this.#reading);
    this.#readers.set(path, reader);
    return reader;
  }

  #map(path: string): Promise<RectifyMap> {
    const map = this.#maps.get(path) ?? readRectifyMap(path);
    this.#maps.set(path, map);
    return map;
  }

  /** Named by everything that the frame depends on, so that another option or another file never finds it. */
  async #file({ path, rectifyMap }: FramedRecording, momentUs: number, size: Size): Promise<string> {
    const files = [path, ...(rectifyMap === undefined ? [] : [rectifyMap])];
    const states = await Promise.all(
      files.map(async (file) => {
        const { size: bytes, mtimeMs } = await stat(file).catch((error: unknown) => {
          throw fileError(error, { operation: `read ${file}`, expected: "an event recording" });
        });
        return [file, bytes, mtimeMs];
      }),
    );
    // A strict reading finds no frame of one that left something out, and looks for itself.
    const { strict, ...rest } = this.#reading;
    const reading = strict ? this.#reading : rest;
    const key = sha256(
      JSON.stringify({ version: 2, states, momentUs, size, options: this.#options, reading }),
    );
    return join(this.#folder, key.slice(0, 2), `${key}.npy`);
  }
}

function planesOfNpy(bytes: Uint8Array, path: string): Planes {
  const { shape, data } = parseNpy(bytes, path);
  const [channels = 0, height = 0, width = 0] = shape;
  return { channels, height, width, data };
}
