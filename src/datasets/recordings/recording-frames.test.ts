import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { aedat4File, randomEvents, textFile } from "../../../tests/event-writers.js";
import { DataFormatError } from "../../errors.js";
import type { EventDatasetSpec, RecordingFrame } from "../index.js";
import { openRecordingFrames } from "../index.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-recording-"));
afterAll(() => rmSync(folder, { recursive: true }));

const count = 4000;
const sum = (values: Float32Array) => values.reduce((a, b) => a + b, 0);

async function framesOf(
  sensor: { readonly width: number; readonly height: number },
  spec: Partial<EventDatasetSpec> & Pick<EventDatasetSpec, "name">,
) {
  const path = join(folder, `${spec.name}-${sensor.width}.aedat4`);
  writeFileSync(path, aedat4File(randomEvents(count, { ...sensor, seed: 2 }), sensor));
  const opened = await openRecordingFrames(path, {
    root: folder,
    imgSize: [4, 6],
    ...spec,
  } as EventDatasetSpec);
  const frames: RecordingFrame[] = [];
  for await (const frame of opened.frames()) frames.push(frame);
  return { opened, frames };
}

describe("openRecordingFrames", () => {
  it("cuts windows that partition the recording, as many as it says, each scaled to ±0.5", async () => {
    const { opened, frames } = await framesOf({ width: 12, height: 8 }, { name: "events", windowUs: 30_000 });
    expect(frames).toHaveLength(opened.windows);
    expect(frames.reduce((all, { events }) => all + events, 0)).toBe(count);
    for (const [n, { startUs, endUs, events, values, input }] of frames.entries()) {
      expect(endUs - startUs).toBe(30_000);
      if (n > 0) expect(startUs).toBe(frames[n - 1]!.endUs);
      expect(values).toMatchObject({ channels: 2, height: 8, width: 12 });
      expect(sum(values.data)).toBe(events);
      expect(input).toHaveLength(2 * 4 * 6);
      expect([Math.min(...input), Math.max(...input)]).toEqual([-0.5, 0.5]);
    }
  });

  it("shows what the labels of DDD17 and DSEC show, in their channels", async () => {
    const davis = await framesOf({ width: 346, height: 260 }, { name: "ddd17", channels: 6 });
    expect(davis.opened.size).toEqual([200, 346]);
    expect(davis.frames[0]!.values.channels).toBe(6);
    expect(davis.frames.reduce((all, { events }) => all + events, 0)).toBeLessThan(count);
    const dsec = await framesOf(
      { width: 640, height: 480 },
      { name: "dsec", representation: "voxel", bins: 3 },
    );
    expect(dsec.opened.size).toEqual([440, 640]);
    expect(dsec.frames[0]!.values.channels).toBe(3);
  });

  it("takes the extent of the events where a file states no size, and refuses one without events", async () => {
    const spec = { name: "events", root: folder, imgSize: [4, 4] } as const;
    const path = join(folder, "some.txt");
    writeFileSync(path, textFile(randomEvents(2000, { width: 7, height: 5, seed: 1 })));
    expect((await openRecordingFrames(path, spec)).size).toEqual([5, 7]);
    const empty = join(folder, "empty.aedat4");
    writeFileSync(
      empty,
      aedat4File(randomEvents(0, { width: 4, height: 4, seed: 1 }), { width: 4, height: 4 }),
    );
    await expect(openRecordingFrames(empty, spec)).rejects.toThrow(DataFormatError);
  });
});
