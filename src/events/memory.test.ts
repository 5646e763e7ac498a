import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openEvents, sliceAround, sliceByTime } from "./index.js";

/** As events in memory, 13 bytes each, the file would take 270 MB. */
const fileBytes = 160 * 1024 * 1024;

/** What slicing may add: a few windows and pieces of the file, and what the collector has not freed yet. */
const memoryGrowth = 100 * 1024 * 1024;

const eventBytes = 8;
const events = fileBytes / eventBytes;

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-memory-"));
  const file = await open(join(folder, "large"), "w");
  await file.write(Buffer.from("% Version 2\n\x0c\x08", "latin1"));
  const block = Buffer.alloc(1024 * 1024);
  for (let at = 0; at < fileBytes; at += block.length) {
    for (let i = 0; i < block.length; i += eventBytes) block.writeUInt32LE((at + i) / eventBytes, i);
    await file.write(block);
  }
  await file.close();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it("slicing takes memory for windows and not for the file", async () => {
  const reader = await openEvents(join(folder, "large"));
  const before = process.memoryUsage().rss;
  let [seen, peak] = [0, 0];
  for await (const slice of sliceByTime(reader.batches(), { durationUs: 50_000 })) {
    seen += slice.events.length;
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  expect(seen).toBe(events);
  const momentsUs = [1_000_000, 10_000_000, 20_000_000];
  for await (const slice of sliceAround(reader.batches(), { momentsUs, beforeUs: 50_000 })) {
    expect(slice.events.length).toBe(50_001);
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  expect(peak - before).toBeLessThan(memoryGrowth);
});
