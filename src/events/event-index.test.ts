import { describe, expect, it } from "vitest";
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
} from "../../tests/event-writers.js";
import { indexEvents, indexEventsBlob } from "./event-index.js";
import { EventPlayer } from "./event-player.js";
import type { EventBatch } from "./index.js";
import { openBlobFile } from "./open-events-blob.js";

// Times that run over EVT 3.0's clock of 16.8 s, so that a decoder in the middle must know the rounds before.
const events = randomEvents(200_000, { width: 120, height: 120, seed: 3, stepUs: 260 });
const digit = randomEvents(150_000, { width: 34, height: 34, seed: 3 });
const late: EventBatch = {
  ...events,
  timestampsUs: events.timestampsUs.map((t, i) => (i % 977 === 500 ? t - 900 : t)),
};

const blobOf = (bytes: Buffer) => new Blob([new Uint8Array(bytes)]);

function within({ timestampsUs, x, y, polarity }: EventBatch, startUs: number, endUs: number): EventBatch {
  const is = (_: number, i: number) => timestampsUs[i]! >= startUs && timestampsUs[i]! < endUs;
  const times = timestampsUs.filter(is);
  return {
    timestampsUs: times,
    x: x.filter(is),
    y: y.filter(is),
    polarity: polarity.filter(is),
    length: times.length,
  };
}

describe("windows of a recording by its index", () => {
  it.each([
    ["text", textFile(late), late],
    ["nmnist", nmnistFile(digit), digit],
    ["dat", datFile(late), late],
    ["evt2", evt2File(events), events],
    ["evt3", evt3File(events), events],
    ["aedat2", aedat2DavisFile(late), late],
    ["aedat3", aedat3File(events), events],
    ["aedat4", aedat4File(late), late],
    ["aedat4-lz4", aedat4File(late, { packing: lz4Packing }), late],
  ] as const)(
    "are all events of their time and no others, forwards and backwards: %s",
    async (_, bytes, all) => {
      const recording = await indexEventsBlob(blobOf(bytes), { timeUnit: "us" });
      const [first, last] = [Math.min(...all.timestampsUs.subarray(0, 2000)), all.timestampsUs.at(-1)!];
      expect([recording.events, recording.rangeUs, recording.skipped]).toEqual([
        all.length,
        [first, last],
        [],
      ]);
      for (const share of [0, 0.9, 0.5, 0.51, 0.2, 0.99, 0]) {
        const startUs = Math.round(first + share * (last - first));
        const endUs = startUs + 40_000;
        expect(await recording.window(startUs, endUs)).toEqual(within(all, startUs, endUs));
      }
      expect((await recording.window(last + 1, last + 1000)).length).toBe(0);
    },
  );

  it("read the part of the file that holds them, and memory does not grow with the recording", async () => {
    const many = randomEvents(1_200_000, { width: 120, height: 120, seed: 4, stepUs: 4 });
    const blob = blobOf(datFile(many, "% Version 2\n% Width 120\n% Height 120\n"));
    let read = 0;
    const slice = blob.slice.bind(blob);
    blob.slice = (start = 0, end = blob.size) => {
      read += end - start;
      return slice(start, end);
    };
    const recording = await indexEvents(await openBlobFile(blob, {}), {});
    read = 0;
    const endUs = recording.rangeUs[1];
    expect((await recording.window(endUs - 10_000, endUs)).length).toBeGreaterThan(1000);
    expect(read).toBeLessThan(blob.size / 4);
    // Twice all of it: the first events were given up meanwhile.
    const [startUs] = recording.rangeUs;
    expect((await recording.window(startUs, endUs + 1)).length).toBe(many.length);
    read = 0;
    await recording.window(startUs, startUs + 1000);
    expect(read).toBeGreaterThan(0);
  });

  it("of a recording without events are empty", async () => {
    const recording = await indexEventsBlob(blobOf(datFile(within(events, 0, 0))));
    expect([recording.events, recording.rangeUs]).toEqual([0, [NaN, NaN]]);
    const player = new EventPlayer(recording);
    expect([player.durationUs, player.advance(1000), (await player.window()).length]).toEqual([0, false, 0]);
  });
});

describe("a player", () => {
  it("moves by rate times elapsed time within the recording, and shows the accumulation time before", async () => {
    const recording = await indexEventsBlob(blobOf(evt3File(events)));
    const player = new EventPlayer(recording, { rate: 0.5, accumulationUs: 20_000 });
    const [first, last] = recording.rangeUs;
    expect([player.timeUs, player.endUs]).toEqual([first, last + 1]);
    expect((await player.window()).length).toBe(0);
    expect(player.advance(400)).toBe(true);
    expect(player.timeUs).toBe(first + 200_000);
    expect(await player.window()).toEqual(within(events, first + 180_000, first + 200_000));
    player.rate = -1;
    expect([player.advance(100), player.timeUs]).toEqual([true, first + 100_000]);
    expect([player.advance(500), player.timeUs]).toEqual([false, first]);
    player.seek(1e15);
    expect((await player.window()).timestampsUs.at(-1)).toBe(last);
    player.rate = 1;
    expect(player.advance(16)).toBe(false);
    expect(() => player.seek(NaN)).toThrow(/timeUs/);
    expect(() => new EventPlayer(recording, { accumulationUs: 0 })).toThrow(/accumulationUs/);
  });
});
