import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  aedat2DavisFile,
  aedat3File,
  aedat4File,
  datFile,
  evt2File,
  evt3File,
  lz4Packing,
  nmnistFile,
  randomEvents,
  textFile,
  zstdPacking,
} from "../../tests/event-writers.js";
import { sharedData } from "../../tests/shared-data.js";
import { DataFormatError, FileError, SnnsegError } from "../errors.js";
import { Draws } from "../random/index.js";
import { type EventBatch, EventCollector, type EventReader, openEvents, SkippedEvents } from "./index.js";
import { openEventsBlob } from "./open-events-blob.js";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-blob-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const events = randomEvents(40_000, { width: 120, height: 120, seed: 9 });
const digit = randomEvents(40_000, { width: 34, height: 34, seed: 9 });
const formats: readonly (readonly [string, Buffer])[] = [
  ["text", textFile(events)],
  ["nmnist", nmnistFile(digit)],
  ["dat", datFile(events, "% Version 2\n% Width 120\n% Height 120\n")],
  ["evt2", evt2File(events)],
  ["evt3", evt3File(events)],
  ["aedat2", aedat2DavisFile(events)],
  ["aedat3", aedat3File(events)],
  ["aedat4", aedat4File(events)],
  ["aedat4-lz4", aedat4File(events, { packing: lz4Packing })],
  ["aedat4-zstd", aedat4File(events, { packing: zstdPacking })],
];

/** All that a reading says: head, events, what is left out, or the error. */
async function told(open: () => Promise<EventReader>) {
  const collected = new EventCollector();
  const skipped = new SkippedEvents();
  try {
    const { batches, ...head } = await open();
    for await (const batch of batches(skipped)) collected.append(batch);
    return { head, events: collected.take(), skipped: skipped.list() };
  } catch (error) {
    if (!(error instanceof SnnsegError)) throw error;
    return { error: error.message, code: error.code, events: collected.take() };
  }
}

/** A page is told of other formats than a path, if its file is of none. */
function comparable({ events, ...rest }: Awaited<ReturnType<typeof told>>) {
  const error = "error" in rest ? rest.error?.replace("DDD17 or DSEC HDF5, ", "") : undefined;
  return { ...rest, events: events.length, error: error?.replace("choose another file", "check the path") };
}

async function expectSame(bytes: Uint8Array<ArrayBuffer>, options = {}): Promise<EventBatch> {
  const path = join(folder, "recording");
  await writeFile(path, bytes);
  const blob = new Blob([bytes]);
  const [fromBlob, fromPath] = [
    await told(() => openEventsBlob(blob, { name: path, ...options })),
    await told(() => openEvents(path, options)),
  ];
  const columns = ({ timestampsUs, x, y, polarity }: EventBatch) =>
    [timestampsUs, x, y, polarity].map((column) => Buffer.from(column.buffer, 0, column.byteLength));
  expect(comparable(fromBlob)).toEqual(comparable(fromPath));
  columns(fromBlob.events).forEach((column, i) => {
    expect(column.equals(columns(fromPath.events)[i]!)).toBe(true);
  });
  return fromBlob.events;
}

describe.each(formats)("a Blob of %s", (_, original) => {
  it("gives the events of the file at a path", async () => {
    expect((await expectSame(new Uint8Array(original))).length).toBeGreaterThan(39_000);
  });

  it("gives the same of damaged files: events, what is left out, and every error's sentence", async () => {
    const draws = new Draws(7);
    for (let i = 0; i < 12; i++) {
      const bytes = new Uint8Array(original.subarray(0, 3000));
      const place = draws.integer(i % 2 === 0 ? 200 : bytes.length);
      bytes.fill(draws.integer(256), place, place + 1 + draws.integer(8));
      await expectSame(i % 3 === 0 ? bytes.slice(0, place) : bytes, { strict: i % 4 === 0 });
    }
  });
});

const recordings =
  "davis346_sample.aedat4 dvxplorer_sample.aedat4 evt2_sample.raw sample_ncars.dat sample_nmnist.bin";
describe.skipIf(!sharedData)("real recordings (skipped without shared/data)", () => {
  it.each([...recordings.split(" "), "slider_depth_events_chunk.txt"])("%s", async (name) => {
    const bytes = await readFile(join(sharedData!, "events/recordings", name));
    expect((await expectSame(new Uint8Array(bytes))).length).toBeGreaterThan(1000);
  });
});

describe("a Blob that is no recording", () => {
  it.each([
    ["a picture", Buffer.from("\x89PNG\r\n\x1a\n".padEnd(300, "\0"), "latin1"), "none of these"],
    ["HDF5", Buffer.from("\x89HDF\r\n\x1a\n".padEnd(300, "\0"), "latin1"), "HDF5"],
    ["a NumPy array", Buffer.from("\x93NUMPY".padEnd(300, "\0"), "latin1"), "a NumPy array"],
    ["nothing", Buffer.alloc(0), "none of these"],
  ])("says what was expected: %s", async (_, bytes, received) => {
    const blob = new File([new Uint8Array(bytes)], "drop.bin");
    const refused = openEventsBlob(blob);
    await expect(refused).rejects.toThrow(DataFormatError);
    await expect(refused).rejects.toThrow(
      `read events: drop.bin, byte 0: expected an event recording (AEDAT 2, 3.1 or 4, DAT, EVT2, EVT3, N-MNIST, text \`t x y p\`), received ${received}; choose another file`,
    );
  });

  it("or cannot be read any more says so", async () => {
    class Gone extends Blob {
      override slice(): Blob {
        return Object.assign(new Blob([]), {
          arrayBuffer: () => Promise.reject(new Error("The requested file could not be read")),
        });
      }
    }
    const refused = openEventsBlob(new Gone(["1 2 3 1\n"]), { name: "gone.txt" });
    await expect(refused).rejects.toThrow(FileError);
    await expect(refused).rejects.toThrow(
      "read gone.txt: expected 8 bytes at 0, received The requested file could not be read; the file was moved or changed, choose it again",
    );
  });
});
