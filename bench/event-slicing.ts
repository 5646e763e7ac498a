/**
 * Peak memory and speed of slicing a large recording: a DAT file of the given size (2 GB without one) is generated,
 * then cut into windows of 50 ms whose Ev-SegNet channels are computed.
 *
 * `npx tsc -p tsconfig.json --noEmit false --outDir build/bench && node build/bench/bench/event-slicing.js [GIGABYTES]`
 */
import { mkdtempSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evSegNetChannels, openEvents, sliceByTime } from "../src/events/index.js";
import { randomBits } from "../src/random/index.js";

const [width, height] = [346, 260];
const eventBytes = 8;
const eventsPerSecond = 2_000_000;
const windowUs = 50_000;

/** Writes `events` events, a block at a time. */
async function generateDat(path: string, events: number): Promise<void> {
  const file = await open(path, "w");
  const block = Buffer.alloc(eventBytes * 131_072);
  await file.write(`% Data file containing CD events\n% Version 2\n% Width ${width}\n% Height ${height}\n`);
  await file.write(Buffer.from([0x0c, eventBytes]));
  for (let done = 0; done < events; ) {
    const count = Math.min(events - done, block.length / eventBytes);
    for (let i = 0; i < count; i++) {
      const bits = randomBits(1, done + i) >>> 0;
      const [x, y] = [(bits >>> 8) % width, (bits >>> 17) % height];
      block.writeUInt32LE(Math.floor(((done + i) * 1e6) / eventsPerSecond) >>> 0, i * eventBytes);
      block.writeUInt32LE(((bits & 1) << 28) | (y << 14) | x, i * eventBytes + 4);
    }
    await file.write(block.subarray(0, count * eventBytes));
    done += count;
  }
  await file.close();
}

const gigabytes = Number(process.argv[2] ?? 2);
const folder = mkdtempSync(join(tmpdir(), "snnseg-bench-"));
try {
  const path = join(folder, "recording.dat");
  const expected = Math.round((gigabytes * 1e9) / eventBytes);
  await generateDat(path, expected);
  const reader = await openEvents(path);
  const start = performance.now();
  let [slices, events, peak] = [0, 0, 0];
  for await (const slice of sliceByTime(reader.batches(), { durationUs: windowUs })) {
    evSegNetChannels(slice.events, { height, width });
    slices++;
    events += slice.events.length;
    peak = Math.max(peak, process.memoryUsage.rss());
  }
  const seconds = (performance.now() - start) / 1000;
  if (events !== expected) throw new Error(`expected ${expected} events, received ${events}`);
  console.log(
    JSON.stringify({
      gigabytes,
      events,
      slices,
      seconds: Number(seconds.toFixed(1)),
      millionEventsPerSecond: Number((events / seconds / 1e6).toFixed(2)),
      peakResidentMiB: Math.round(peak / 2 ** 20),
    }),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
