import { describe, expect, it } from "vitest";
import { type PixelEvent, pixelEvents } from "../../../tests/plain-event-sensor.js";
import { OptionError, ShapeError } from "../../errors.js";
import { derive, normal, uniform } from "../../random/index.js";
import { type EventBatch, EventCollector } from "../event-batch.js";
import { type SensorModel, sensorModels } from "./sensor-model.js";
import { SimulatedSensor } from "./simulated-sensor.js";

const { ideal } = sensorModels;

/** Shows pictures `[time, levels]` to a fresh sensor of one row. */
function shown(
  pictures: readonly (readonly [timeUs: number, levels: readonly number[]])[],
  model: Partial<SensorModel> = {},
  seed = 1,
): EventBatch {
  const width = pictures[0]![1].length;
  const sensor = new SimulatedSensor({ width, height: 1, model: { ...ideal, ...model }, seed });
  const events = new EventCollector();
  for (const [timeUs, levels] of pictures) sensor.see(Float32Array.from(levels), timeUs, events);
  return events.take();
}

const listed = ({ timestampsUs, x, polarity }: EventBatch) =>
  Array.from(timestampsUs, (time, i) => [time, x[i], polarity[i]]);

describe("SimulatedSensor", () => {
  it("sends a ramp's events evenly, at the times of the closed form", () => {
    // 1.0 in 1000 µs: a contrast of 0.2 every 200 µs, which the last picture just reaches.
    const up = shown([
      [0, [3]],
      [1000, [4.0001]],
    ]);
    expect(listed(up)).toEqual([200, 400, 600, 800, 1000].map((time) => [time, 0, 1]));
    const down = shown(
      [
        [0, [3]],
        [500, [2.5]],
        [1000, [2]],
      ],
      { offContrast: 0.3 },
    );
    expect(listed(down)).toEqual([300, 600, 900].map((time) => [time, 0, 0]));
  });

  it("lets a blinking pixel fire as often up as down, and one below its contrast never", () => {
    const blink = Array.from(
      { length: 11 },
      (_, k) => [k * 100, [k % 2 === 0 ? 3 : 3.45, k % 2 === 0 ? 3 : 3.19]] as const,
    );
    const events = listed(shown(blink));
    // Up 0.45: two of 0.2, and 0.05 are left; down the same way: two of 0.2 until 0.05 are left.
    expect(events.filter(([, x]) => x === 1)).toEqual([]);
    expect(events.filter(([, , polarity]) => polarity === 1).length).toBe(10);
    expect(events.filter(([, , polarity]) => polarity === 0).length).toBe(10);
    expect(events.slice(0, 2).map(([time]) => time)).toEqual([44, 89]);
  });

  it("follows an edge that moves over the pixels, one after another", () => {
    // A step of 1 that moves by a pixel every 100 µs; each pixel rises while it passes.
    const edge = (time: number) =>
      Array.from({ length: 8 }, (_, x) => 3 + Math.min(Math.max(time / 100 - x, 0), 1) * 1.001);
    const events = listed(shown(Array.from({ length: 9 }, (_, k) => [k * 100, edge(k * 100)] as const)));
    expect(events.length).toBe(8 * 5);
    expect(events.map(([, x]) => x)).toEqual(Array.from({ length: 40 }, (_, n) => Math.floor(n / 5)));
    expect(events.map(([time]) => time)).toEqual(Array.from({ length: 40 }, (_, n) => 20 + 20 * n));
  });

  it("rests for the refractory time, in which what it remembers moves on", () => {
    const rest = shown(
      [
        [0, [3]],
        [1000, [4.0001]],
      ],
      { refractoryUs: 450 },
    );
    expect(listed(rest).map(([time]) => time)).toEqual([200, 800]);
  });

  it("leaks events of polarity 1 at the rate asked for", () => {
    const still = shown(
      [
        [0, [3]],
        [2_500_000, [3]],
      ],
      { leakHz: 2 },
    );
    expect(listed(still)).toEqual(
      [500_000, 1_000_000, 1_500_000, 2_000_000, 2_500_000].map((time) => [time, 0, 1]),
    );
  });

  it("sends shot noise as a Poisson process that is four times as fast in the dark", () => {
    const pixels = 2000;
    const [dark, bright] = [0, Math.log(255)].map((level) => {
      const row = new Array<number>(pixels).fill(level);
      return shown(
        [
          [0, row],
          [1_000_000, row],
        ],
        { shotHz: 10 },
      );
    });
    // Standard deviation of a Poisson number: its root.
    expect(Math.abs(dark!.length - 20_000)).toBeLessThan(5 * Math.sqrt(20_000));
    expect(Math.abs(bright!.length - 5000)).toBeLessThan(5 * Math.sqrt(5000));
    const rising = dark!.polarity.reduce((sum, polarity) => sum + polarity, 0);
    expect(Math.abs(rising / dark!.length - 0.5)).toBeLessThan(0.02);
  });

  it.each([
    ["clean", sensorModels.clean],
    ["noisy, without chance", { ...sensorModels.noisy, shotHz: 0, leakHz: 30 }],
    [
      "with unlike contrasts",
      { ...ideal, onContrast: 0.31, offContrast: 0.17, mismatch: 0.08, refractoryUs: 700 },
    ],
  ])("sends what each pixel by itself sends by the definition: %s", (_, model) => {
    const [pixels, pictures, seed] = [200, 40, 7];
    const levels = Array.from({ length: pictures }, (_, k) =>
      Float32Array.from({ length: pixels }, (_, i) => 3 + 1.5 * uniform(derive(5, k), i)),
    );
    const times = Array.from({ length: pictures }, (_, k) => k * 1000 + 300 * (k % 3));
    const events = shown(
      times.map((time, k) => [time, [...levels[k]!]] as const),
      model,
      seed,
    );
    const contrast = (name: string, mean: number, i: number) =>
      Math.max(0.01, mean + model.mismatch * normal(derive(seed, name), i));
    const expected = Array.from({ length: pixels }, (_, i) =>
      pixelEvents(
        { timesUs: times, levels: levels.map((picture) => picture[i]!) },
        {
          on: contrast("on contrast", model.onContrast, i),
          off: contrast("off contrast", model.offContrast, i),
          ...model,
        },
      ),
    );
    const received = Array.from({ length: pixels }, (): PixelEvent[] => []);
    for (let n = 0; n < events.length; n++) {
      received[events.x[n]!]!.push([events.timestampsUs[n]!, events.polarity[n]!]);
    }
    expect(received).toEqual(expected);
    expect(events.length).toBeGreaterThan(5000);
    expect([...events.timestampsUs]).toEqual([...events.timestampsUs].sort((a, b) => a - b));
  });

  it("refuses what no sensor has, pictures of other sizes, and time that stands still", () => {
    const make = (model: Partial<SensorModel>) => () => shown([[0, [1]]], model);
    expect(make({ onContrast: 0 })).toThrow(
      new OptionError("SimulatedSensor: expected onContrast to be a finite number above 0, received 0"),
    );
    expect(make({ offContrast: -0.2 })).toThrow(OptionError);
    expect(make({ refractoryUs: Number.NaN })).toThrow(OptionError);
    expect(() =>
      shown([
        [0, [1]],
        [0, [2]],
      ]),
    ).toThrow(/expected a time after 0 µs, .* received 0/);
    expect(() =>
      shown([
        [0, [1]],
        [1, [2, 3]],
      ]),
    ).toThrow(ShapeError);
  });
});
