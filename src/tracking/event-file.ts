/**
 * TensorBoard event files: scalars, images and histograms over steps, written here and read by TensorBoard itself.
 *
 * A file is a sequence of TFRecords, each holding one `tensorflow.Event`:
 *
 *     uint64 length, uint32 masked CRC-32C of the length, the event, uint32 masked CRC-32C of the event
 *
 * Message and field numbers: tensorflow/core/util/event.proto and framework/summary.proto.
 */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { fileError, makeFolder } from "../files/index.js";
import { maskedCrc32c } from "./crc32c.js";
import type { Histogram } from "./histogram.js";
import { ProtobufMessage } from "./protobuf-message.js";

/** A PNG picture and its size in pixels. */
export interface EventPicture {
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const RGB = 3;

/** An open event file; records are appended one by one, so a killed run keeps all that it wrote. */
export class EventFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #now: () => number;

  private constructor(path: string, handle: FileHandle, now: () => number) {
    this.path = path;
    this.#handle = handle;
    this.#now = now;
  }

  /**
   * Starts a new event file in `folder`, which is made if it is not there.
   *
   * @param now - milliseconds since 1970, for the wall times of events
   * @throws FileError if it cannot be written
   */
  static async create(folder: string, { now = Date.now }: { readonly now?: () => number } = {}) {
    const path = join(folder, `events.out.tfevents.${Math.floor(now() / 1000)}.snnseg.${process.pid}`);
    try {
      await makeFolder(folder);
      const file = new EventFile(path, await open(path, "ax"), now);
      await file.#event(new ProtobufMessage().string(3, "brain.Event:2"), 0);
      return file;
    } catch (error) {
      throw fileError(error, { operation: `write ${path}`, expected: "a new event file" });
    }
  }

  /** One number of the series `tag`. */
  scalar(tag: string, value: number, step: number): Promise<void> {
    return this.#summary(new ProtobufMessage().string(1, tag).float(2, value), step);
  }

  /** One picture of the series `tag`. */
  image(tag: string, { png, width, height }: EventPicture, step: number): Promise<void> {
    const image = new ProtobufMessage().varint(1, height).varint(2, width).varint(3, RGB).bytes(4, png);
    return this.#summary(new ProtobufMessage().string(1, tag).message(4, image), step);
  }

  /** One distribution of the series `tag`. */
  histogram(tag: string, values: Histogram, step: number): Promise<void> {
    const histogram = new ProtobufMessage()
      .double(1, values.min)
      .double(2, values.max)
      .double(3, values.count)
      .double(4, values.sum)
      .double(5, values.sumSquares)
      .doubles(6, values.limits)
      .doubles(7, values.counts);
    return this.#summary(new ProtobufMessage().string(1, tag).message(5, histogram), step);
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  #summary(value: ProtobufMessage, step: number): Promise<void> {
    return this.#event(new ProtobufMessage().message(5, new ProtobufMessage().message(1, value)), step);
  }

  async #event(content: ProtobufMessage, step: number): Promise<void> {
    const head = new ProtobufMessage().double(1, this.#now() / 1000).varint(2, step);
    const record = frame(Buffer.concat([head.finish(), content.finish()]));
    try {
      await this.#handle.appendFile(record);
    } catch (error) {
      throw fileError(error, { operation: `write ${this.path}`, expected: "room for another event" });
    }
  }
}

/** The TFRecord around `data`. */
function frame(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedCrc32c(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedCrc32c(data), true);
  return record;
}
