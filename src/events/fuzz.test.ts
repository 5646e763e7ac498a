import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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
  writeDsecFile,
  zstdPacking,
} from "../../tests/event-writers.js";
import { DataFormatError } from "../errors.js";
import { Draws } from "../random/index.js";
import { openEvents, SkippedEvents } from "./index.js";

/** Damaged copies tried of every format, and of HDF5, of which each takes a process's time to open. */
const mutations = 250;
const hdf5Mutations = 60;

/** One of so many is read with `strict`, which leaves nothing out. */
const strictEvery = 5;

/** A file of some kilobytes may never take more than this, whatever sizes it states. */
const memoryLimit = 400 * 1024 * 1024;

/** Far above what one damaged file of some kilobytes needs; a hang is caught by the test's own timeout. */
const mostEvents = 1_000_000;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-fuzz-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy with one kind of damage: cut, flipped bits, a run of one value, bytes lost or put in, a wild number. */
function damaged(original: Buffer, draws: Draws): Buffer {
  const bytes = Buffer.from(original);
  // Half of the damage goes to the first bytes, where the sizes are.
  const place = () => draws.integer(draws.chance(0.5) ? Math.min(bytes.length, 256) : bytes.length);
  switch (draws.integer(6)) {
    case 0:
      return bytes.subarray(0, draws.integer(bytes.length));
    case 1:
      for (let n = 1 + draws.integer(8); n > 0; n--) bytes[place()]! ^= 1 << draws.integer(8);
      return bytes;
    case 2:
      return bytes.fill(draws.integer(2) * 255, place(), place() + draws.integer(64));
    case 3: {
      const at = place();
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + draws.integer(16))]);
    }
    case 4: {
      const at = place();
      return Buffer.concat([
        bytes.subarray(0, at),
        Buffer.alloc(1 + draws.integer(16), draws.integer(256)),
        bytes.subarray(at),
      ]);
    }
    default:
      bytes.writeUInt32LE(
        [0xffffffff, 0x7fffffff, 0x80000000, 0][draws.integer(4)]!,
        Math.min(place(), bytes.length - 4),
      );
      return bytes;
  }
}

/** Reads to the end and checks what every valid reading must fulfil; true if all was used. */
async function readThrough(path: string, { strict }: { readonly strict: boolean }): Promise<boolean> {
  const reader = await openEvents(path, { strict });
  const skipped = new SkippedEvents();
  let events = 0;
  for await (const batch of reader.batches(skipped)) {
    const { length, timestampsUs, x, y, polarity } = batch;
    expect([timestampsUs.length, x.length, y.length, polarity.length]).toEqual([
      length,
      length,
      length,
      length,
    ]);
    for (let i = 0; i < length; i++) {
      if (x[i]! >= (reader.width ?? 65536) || y[i]! >= (reader.height ?? 65536)) throw new Error("outside");
      if (polarity[i]! > 1 || !Number.isFinite(timestampsUs[i])) throw new Error("no event");
    }
    events += length;
    expect(events).toBeLessThan(mostEvents);
  }
  return skipped.list().length === 0;
}

async function tryDamaged(name: string, original: Buffer, mutations: number): Promise<number> {
  const path = join(folder, name);
  const before = process.memoryUsage().rss;
  let shown = 0;
  for (let i = 0; i < mutations; i++) {
    await writeFile(path, damaged(original, new Draws(1000 + i)));
    try {
      const strict = i % strictEvery === 0;
      const whole = await readThrough(path, { strict });
      if (strict) expect([i, whole]).toEqual([i, true]);
      if (!whole) shown++;
    } catch (error) {
      shown++;
      if (!(error instanceof DataFormatError)) throw new Error(`mutation ${i} of ${name}`, { cause: error });
      expect(error.message).toMatch(/^read events: .*: expected .*, received .*; /s);
      expect(error.message).toContain(path);
      expect(error.message.length).toBeLessThan(600);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(memoryLimit);
  }
  return shown;
}

describe(`damaged copies of every format are used as far as possible, or refused with file and place`, () => {
  const events = randomEvents(700, { width: 120, height: 120, seed: 9 });
  const digit = randomEvents(700, { width: 34, height: 34, seed: 9 });
  it.each([
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
  ])("%s", async (name, original) => {
    // Some damage must show, or the mutations test nothing.
    expect(await tryDamaged(name, original, mutations)).toBeGreaterThan(mutations / 20);
  });

  it("ddd17-hdf5", async () => {
    const original = await readFile(
      fileURLToPath(new URL("../../tests/fixtures/ddd17-small.hdf5", import.meta.url)),
    );
    expect(await tryDamaged("ddd17.hdf5", original, hdf5Mutations)).toBeGreaterThan(hdf5Mutations / 20);
  }, 400_000);

  it("dsec-hdf5", async () => {
    const path = join(folder, "original.h5");
    await writeDsecFile(path, events, { chunk: 128 });
    expect(await tryDamaged("dsec.h5", await readFile(path), hdf5Mutations)).toBeGreaterThan(
      hdf5Mutations / 20,
    );
  }, 400_000);
});
