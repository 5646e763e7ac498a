import { describe, expect, it } from "vitest";
import { randomEvents } from "../../tests/event-writers.js";
import { OptionError, ShapeError } from "../errors.js";
import {
  binaryFrames,
  countFrame,
  type EventBatch,
  EventCollector,
  evSegNetChannels,
  timeSurface,
  voxelGrid,
} from "./index.js";

const size = { height: 7, width: 9 };
const pixels = size.height * size.width;
const events = randomEvents(2000, { ...size, seed: 6 });
const float32Tolerance = 6;

function batch(...rows: [t: number, x: number, y: number, p: number][]): EventBatch {
  const collector = new EventCollector();
  for (const row of rows) collector.push(...row);
  return collector.take();
}

/** All times of the events of a pixel and polarity. */
function timesAt(y: number, x: number, p: number): number[] {
  return [...events.timestampsUs].filter(
    (_, i) => events.x[i] === x && events.y[i] === y && events.polarity[i] === p,
  );
}

describe("countFrame", () => {
  it("counts every event once, on before off", () => {
    const counts = countFrame(batch([0, 8, 6, 1], [1, 8, 6, 1], [2, 0, 1, 0]), size);
    expect([counts[6 * 9 + 8], counts[pixels + 9], counts.reduce((a, b) => a + b)]).toEqual([2, 1, 3]);
  });
});

describe("evSegNetChannels", () => {
  it("equals the two-pass formula at every pixel", () => {
    const channels = evSegNetChannels(events, size);
    const [first, last] = [events.timestampsUs[0]!, events.timestampsUs.at(-1)!];
    for (let y = 0; y < size.height; y++) {
      for (let x = 0; x < size.width; x++) {
        for (const p of [1, 0]) {
          const times = timesAt(y, x, p).map((t) => (t - first) / (last - first));
          const mean = times.reduce((a, b) => a + b, 0) / times.length;
          const std = Math.sqrt(times.reduce((a, t) => a + (t - mean) ** 2, 0) / times.length);
          const at = 6 * (y * size.width + x);
          expect(channels[at + 1 - p]).toBe(times.length);
          expect(channels[at + (p ? 2 : 4)]).toBeCloseTo(mean, float32Tolerance);
          expect(channels[at + (p ? 3 : 5)]).toBeCloseTo(std, float32Tolerance);
        }
      }
    }
  });

  it("keeps its precision for absolute times and gives 0 where there is no event", () => {
    const epoch = 1.6e15;
    const channels = evSegNetChannels(
      batch([epoch, 0, 0, 1], [epoch + 4, 0, 0, 1], [epoch + 8, 1, 0, 0]),
      size,
    );
    expect([...channels.subarray(0, 12)]).toEqual([2, 0, 0.25, 0.25, 0, 0, 0, 1, 0, 0, 1, 0]);
    expect(evSegNetChannels(batch(), size).every((value) => value === 0)).toBe(true);
  });
});

describe("voxelGrid", () => {
  it("shares each event between two bins and keeps the signed sum", () => {
    const grid = voxelGrid(batch([0, 0, 0, 1], [25, 1, 0, 1], [100, 2, 0, 0]), { ...size, bins: 3 });
    const bin = (b: number) => [...grid.subarray(b * pixels, b * pixels + 3)];
    expect([bin(0), bin(1), bin(2)]).toEqual([
      [1, 0.5, 0],
      [0, 0.5, 0],
      [0, 0, -1],
    ]);
    const sum = voxelGrid(events, { ...size, bins: 5 }).reduce((a, b) => a + b, 0);
    const signed = events.polarity.reduce((a, p) => a + 2 * p - 1, 0);
    expect(sum).toBeCloseTo(signed, 2);
  });

  it("with one bin is the difference of the counts", () => {
    const counts = countFrame(events, size);
    const difference = counts.subarray(0, pixels).map((on, i) => on - counts[pixels + i]!);
    expect(voxelGrid(events, { ...size, bins: 1 })).toEqual(difference);
  });
});

describe("timeSurface", () => {
  it("fades the last event of each pixel", () => {
    const surface = timeSurface(batch([0, 0, 0, 1], [100, 0, 0, 1], [150, 1, 0, 0], [300, 2, 0, 1]), {
      ...size,
      tauUs: 50,
      endUs: 200,
    });
    expect(surface[0]).toBeCloseTo(Math.exp(-2), float32Tolerance);
    expect(surface[pixels + 1]).toBeCloseTo(Math.exp(-1), float32Tolerance);
    expect(surface.filter((value) => value !== 0).length).toBe(2);
  });
});

describe("binaryFrames", () => {
  it("puts the ends of the span into the first and the last step", () => {
    const frames = binaryFrames(
      batch([0, 0, 0, 1], [1, 0, 0, 1], [49, 1, 0, 0], [50, 2, 0, 1], [100, 3, 0, 0]),
      {
        ...size,
        timesteps: 2,
      },
    );
    const set = [...frames.keys()].filter((i) => frames[i] === 1);
    expect(set).toEqual([0, pixels + 1, 2 * pixels + 2, 3 * pixels + 3]);
  });

  it("covers what the counts count, whatever the number of steps", () => {
    const counts = countFrame(events, size);
    const frames = binaryFrames(events, { ...size, timesteps: 11 });
    for (let i = 0; i < 2 * pixels; i++) {
      const spikes = Array.from({ length: 11 }, (_, k) => frames[k * 2 * pixels + i]!).reduce(
        (a, b) => a + b,
      );
      expect(spikes > 0).toBe(counts[i]! > 0);
      expect(spikes).toBeLessThanOrEqual(counts[i]!);
    }
  });
});

describe("errors", () => {
  it("an event outside the frame is no silent neighbour pixel", () => {
    const outside = batch([0, 9, 0, 1]);
    for (const call of [
      () => countFrame(outside, size),
      () => evSegNetChannels(outside, size),
      () => voxelGrid(outside, { ...size, bins: 2 }),
      () => timeSurface(outside, { ...size, tauUs: 1 }),
      () => binaryFrames(outside, { ...size, timesteps: 1 }),
    ]) {
      expect(call).toThrow(ShapeError);
    }
    expect(() => voxelGrid(outside, { ...size, bins: 0 })).toThrow(OptionError);
    expect(() => timeSurface(events, { ...size, tauUs: 0 })).toThrow(OptionError);
    expect(() => binaryFrames(events, { ...size, timesteps: 0.5 })).toThrow(OptionError);
  });
});
