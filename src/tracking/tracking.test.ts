import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import protobuf from "protobufjs";
import { afterAll, describe, expect, it } from "vitest";
import { FileError } from "../errors.js";
import { crc32c } from "./crc32c.js";
import { csvOf } from "./csv.js";
import { EventFile } from "./event-file.js";
import { histogramOf } from "./histogram.js";
import { TrainingEvents } from "./training-events.js";

// The part of TensorFlow's public definitions that our events use, decoded by an independent library.
const definitions = `
  syntax = "proto3";
  message Event {
    double wall_time = 1;
    int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; }
  }
  message Summary {
    message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
    message Value {
      string tag = 1;
      oneof value { float simple_value = 2; Image image = 4; HistogramProto histo = 5; }
    }
    repeated Value value = 1;
  }
  message HistogramProto {
    double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
    repeated double bucket_limit = 6 [packed = true];
    repeated double bucket = 7 [packed = true];
  }`;
const eventType = protobuf.parse(definitions, { keepCase: true }).root.lookupType("Event");

/** CRC-32C bit by bit from the polynomial's definition, as our table is not to check itself. */
function slowMaskedCrc(bytes: Uint8Array): number {
  let remainder = 0xffffffffn;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const flip = (remainder ^ BigInt((byte >> bit) & 1)) & 1n;
      remainder = (remainder >> 1n) ^ (flip * 0x82f63b78n);
    }
  }
  const crc = remainder ^ 0xffffffffn;
  return Number((((crc >> 15n) | (crc << 17n)) + 0xa282ead8n) & 0xffffffffn);
}

/** The events of a file; fails on a record whose checksums are wrong. */
async function readEvents(path: string): Promise<Record<string, unknown>[]> {
  const bytes = await readFile(path);
  const events: Record<string, unknown>[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    expect(bytes.readUInt32LE(at + 8)).toBe(slowMaskedCrc(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(bytes.readUInt32LE(at + 12 + length)).toBe(slowMaskedCrc(data));
    events.push(eventType.toObject(eventType.decode(data), { longs: Number, arrays: true }));
    at += 16 + length;
  }
  return events;
}

describe("CRC-32C", () => {
  it("has the check value and the vectors of RFC 3720", () => {
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  });
});

describe("EventFile", async () => {
  const folder = await mkdtemp(join(tmpdir(), "snnseg-events-"));
  afterAll(() => rm(folder, { recursive: true }));

  it("writes what an independent reader gets back", async () => {
    const file = await EventFile.create(join(folder, "run"), { now: () => 1_700_000_000_250 });
    await file.scalar("loss/train", 0.5, 0);
    await file.scalar("mIoU ✓", Number.NaN, 3_000_000_000);
    const png = Uint8Array.from({ length: 300 }, (_, i) => i & 255);
    await file.image("predictions", { png, width: 7, height: 5 }, 130);
    await file.histogram("rate/features.0", histogramOf([1, 2, 2, 4], { buckets: 3 }), 2);
    await file.close();
    const [version, loss, score, picture, rates] = await readEvents(file.path);
    const wall_time = 1_700_000_000.25;
    // The decoder leaves out what is 0.
    expect(version).toEqual({ wall_time, file_version: "brain.Event:2" });
    expect(loss).toEqual({
      wall_time,
      summary: { value: [{ tag: "loss/train", simple_value: 0.5 }] },
    });
    expect(score).toMatchObject({
      step: 3_000_000_000,
      summary: { value: [{ tag: "mIoU ✓", simple_value: Number.NaN }] },
    });
    const image = { height: 5, width: 7, colorspace: 3, encoded_image_string: Buffer.from(png) };
    expect(picture).toMatchObject({ step: 130, summary: { value: [{ tag: "predictions", image }] } });
    const histo = {
      min: 1,
      max: 4,
      num: 4,
      sum: 9,
      sum_squares: 25,
      bucket_limit: [2, 3, 4],
      bucket: [1, 2, 1],
    };
    expect(rates).toMatchObject({ step: 2, summary: { value: [{ tag: "rate/features.0", histo }] } });
  });

  it("has a name that TensorBoard looks for, and names the folder that it cannot write", async () => {
    const file = await EventFile.create(folder, { now: () => 5000 });
    await file.close();
    expect(file.path).toMatch(/events\.out\.tfevents\.5\./);
    await expect(EventFile.create(join(file.path, "below"))).rejects.toThrow(FileError);
  });
});

describe("TrainingEvents", async () => {
  const folder = await mkdtemp(join(tmpdir(), "snnseg-training-events-"));
  afterAll(() => rm(folder, { recursive: true }));

  it("logs epochs, evaluations, weights and pictures in order", async () => {
    const weights = () => [["a.weight", Float32Array.of(1, 2)] as const];
    const events = await TrainingEvents.create(folder, { classes: ["sky", "road"], weights });
    events.epochDone({ epoch: 1, loss: 2, lr: 0.5, rates: { first: 0.25 }, time: { imagesPerSecond: 8 } });
    const scores = { meanIoU: 0.5, pixelAccuracy: 0.75, perClassIoU: [0.5, null], rates: { first: 0.125 } };
    events.evaluated({ epoch: 1, loss: 4, ...scores });
    const png = Buffer.alloc(40);
    png.writeUInt32BE(640, 16);
    png.writeUInt32BE(480, 20);
    events.picture("examples", png, 1);
    await events.close();
    const [name] = await readdir(folder);
    const logged = (await readEvents(join(folder, name!))).slice(1).map((event) => {
      expect(event.step).toBe(1);
      const { value } = event.summary as { value: [{ tag: string; simple_value?: number; image?: object }] };
      return [value[0].tag, value[0].simple_value ?? value[0].image];
    });
    expect(logged).toEqual([
      ["loss/train", 2],
      ["learning rate", 0.5],
      ["images per second", 8],
      ["spike rate, train/first", 0.25],
      ["loss/evaluation", 4],
      ["mean IoU", 0.5],
      ["pixel accuracy", 0.75],
      ["IoU/sky", 0.5],
      ["spike rate, evaluation/first", 0.125],
      ["weights/a.weight", undefined],
      ["spike rates", undefined],
      ["examples", expect.objectContaining({ width: 640, height: 480 })],
    ]);
  });
});

describe("histogramOf", () => {
  it("leaves out what is not finite and survives constants and nothing", () => {
    expect(histogramOf([2, Number.NaN, 2, Number.POSITIVE_INFINITY])).toMatchObject({
      count: 2,
      limits: Float64Array.of(2),
      counts: Float64Array.of(2),
    });
    expect(histogramOf([])).toMatchObject({ count: 0, counts: Float64Array.of(0) });
  });
});

describe("csvOf", () => {
  it("joins columns, quotes what needs it and leaves gaps empty", () => {
    expect(
      csvOf([
        { epoch: 1, loss: 0.5 },
        { epoch: 2, note: 'a "b", c' },
      ]),
    ).toBe('epoch,loss,note\r\n1,0.5,\r\n2,,"a ""b"", c"\r\n');
  });
});
