/** Reads an event recording, cuts it into slices of equal time, and turns each into a frame a network can take. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countFrame, eventStatistics, openEvents, sliceByTime } from "snnseg/events";

// A dot that moves right by one pixel a millisecond, as text: time in microseconds, x, y, polarity.
const folder = await mkdtemp(join(tmpdir(), "events-"));
const path = join(folder, "dot.txt");
const lines = Array.from({ length: 30 }, (_, k) => `${k * 1000} ${k} 8 ${k % 2}`);
await writeFile(path, `${lines.join("\n")}\n`);

const { format, events, durationUs } = await eventStatistics(await openEvents(path));
console.log(`${format}: ${events} events in ${durationUs / 1000} ms`);

const recording = await openEvents(path);
for await (const slice of sliceByTime(recording.batches(), { durationUs: 10_000 })) {
  const frame = countFrame(slice.events, { height: 16, width: 32 }); // [2, H, W]: events with rising brightness first
  const [on, off] = [frame.subarray(0, 16 * 32), frame.subarray(16 * 32)].map((plane) =>
    plane.reduce((sum, count) => sum + count, 0),
  );
  console.log(`${slice.startUs / 1000} ms: ${on} on, ${off} off`);
}
await rm(folder, { recursive: true });
