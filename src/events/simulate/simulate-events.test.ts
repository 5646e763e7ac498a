import { describe, expect, it } from "vitest";
import { uniform } from "../../random/index.js";
import { type EventBatch, EventCollector } from "../event-batch.js";
import { type CameraPath, mapped, smoothPath, speedOf } from "./camera-path.js";
import { logIntensity } from "./log-intensity.js";
import { MovingPicture, type StillPicture } from "./moving-picture.js";
import { type SensorModel, sensorModels } from "./sensor-model.js";
import { type SimulationOptions, simulateEvents } from "./simulate-events.js";
import { SimulatedSensor } from "./simulated-sensor.js";

/** Moves right by so many pixels of the picture a second. */
const sliding =
  (speed: number): CameraPath =>
  (t) => [1, 0, (speed * t) / 1e6, 0, 1, 0, 0, 0, 1];

function picture(height: number, width: number, value: (x: number, y: number) => number): StillPicture {
  const at = (i: number) => [i % width, Math.floor(i / width)] as const;
  const levels = Float32Array.from({ length: height * width }, (_, i) => logIntensity(value(...at(i))));
  return {
    height,
    width,
    levels,
    labels: Uint8Array.from({ length: height * width }, (_, i) => at(i)[0] % 200),
  };
}

function simulated(
  options: Pick<SimulationOptions, "picture" | "path" | "size" | "endUs"> & Partial<SimulationOptions>,
  model: Partial<SensorModel> = {},
): EventBatch {
  const [height, width] = options.size;
  const sensor = new SimulatedSensor({ width, height, model: { ...sensorModels.ideal, ...model }, seed: 3 });
  const all = new EventCollector();
  for (const batch of simulateEvents({ startUs: 0, sensor, ...options })) all.append(batch);
  return all.take();
}

const noise = picture(60, 80, (x, y) => 30 + 200 * uniform(9, y * 80 + x));

describe("simulateEvents", () => {
  it("lets an edge pass each pixel at its own time, with as many events as contrasts fit into it", () => {
    const edge = picture(4, 60, (x) => (x < 30 ? 40 : 120));
    const events = simulated({ picture: edge, path: sliding(10_000), size: [4, 20], endUs: 3000 });
    // ln 3 = 1.0986: five contrasts of 0.2, while the edge of one pixel passes in 100 µs.
    const columns = [...Array(20).keys()].slice(2);
    for (const column of columns) {
      const times = [...events.timestampsUs].filter((_, i) => events.x[i] === column && events.y[i] === 1);
      const first = (29 - column) * 100;
      if (first > 2800) continue;
      expect(times.length).toBe(5);
      const late = times.map((time, k) => time - (first + ((k + 1) * 0.2 * 100) / Math.log(3)));
      expect(Math.max(...late.map(Math.abs))).toBeLessThan(1.5);
    }
    expect([...events.polarity].every((polarity) => polarity === 1)).toBe(true);
  });

  it("gives the events of ten times as fine steps, but for few", () => {
    const run = (stepPixels: number) =>
      simulated({ picture: noise, path: sliding(700), size: [40, 50], endUs: 40_000, stepPixels }).length;
    const [usual, fine] = [run(0.5), run(0.05)];
    expect(fine).toBeGreaterThan(10_000);
    expect(Math.abs(usual / fine - 1)).toBeLessThan(0.02);
  });

  it("sends events in inverse proportion to the contrast", () => {
    const run = (contrast: number) =>
      simulated(
        { picture: noise, path: sliding(700), size: [40, 50], endUs: 40_000 },
        { onContrast: contrast, offContrast: contrast },
      ).length;
    // Of a path of total variation V a pixel sends V/C events, less what turns back within C.
    expect(run(0.05) / run(0.1)).toBeGreaterThan(1.9);
    expect(run(0.05) / run(0.1)).toBeLessThan(2.15);
    expect(run(0.02) / run(0.04)).toBeLessThan(2.06);
  });

  it("is the same again, and another with another seed of the path", () => {
    const sizes = { sensor: [40, 50], picture: [60, 80] } as const;
    const run = (seed: number) =>
      simulated({ picture: noise, path: smoothPath(sizes, {}, seed), size: [40, 50], endUs: 50_000 });
    expect(run(1)).toEqual(run(1));
    expect(run(1).length).not.toBe(run(2).length);
  });
});

describe("MovingPicture", () => {
  it("moves labels with the picture, to the nearest pixel, and is void outside", () => {
    const scene = new MovingPicture(noise, sliding(1000), [40, 50]);
    const labels = scene.labelsAt(40_400, 255); // 40.4 pixels on
    expect([...labels.slice(0, 3)]).toEqual([40, 41, 42]);
    expect([...labels.slice(38, 42)]).toEqual([78, 79, 255, 255]);
    const seen = new Float32Array(40 * 50);
    scene.see(40_400, seen);
    const [left, right] = [noise.levels[40]!, noise.levels[41]!];
    expect(seen[0]).toBeCloseTo(left + 0.4 * (right - left), 3);
  });
});

describe("smoothPath", () => {
  const sizes = { sensor: [260, 346], picture: [360, 480] } as const;

  it("keeps the view inside the picture where it only shifts, and is smooth", () => {
    const path = smoothPath(sizes, { turn: 0, zoom: 0, tilt: 0 }, 5);
    for (let t = 0; t < 4e6; t += 50_000) {
      for (const [x, y] of [
        [0, 0],
        [345, 259],
      ] as const) {
        const [u, v] = mapped(path(t), x, y);
        expect(u).toBeGreaterThan(-1);
        expect(u).toBeLessThan(480);
        expect(v).toBeGreaterThan(-20);
        expect(v).toBeLessThan(380);
      }
    }
    const speeds = Array.from({ length: 200 }, (_, k) => speedOf(path, k * 1e4, sizes.sensor));
    // Three swings of at most 1.5 a second over a tenth of the width, in both directions.
    const fastest = 0.1 * 346 * 2 * Math.PI * 1.5 * Math.SQRT2;
    expect(Math.max(...speeds)).toBeLessThan(fastest);
    expect(Math.max(...speeds)).toBeGreaterThan(0.1 * fastest);
  });

  it("turns, zooms and tilts about the view's centre", () => {
    const path = smoothPath(sizes, { shift: 0, turn: 10, zoom: 0.2, tilt: 0.1 }, 5);
    for (const t of [0, 3e5, 9e5]) {
      const [u, v] = mapped(path(t), 172.5, 129.5);
      expect([u, v].map((value) => Math.round(value * 1000) / 1000)).toEqual([239.5, 179.5]);
    }
    expect(path(0)).not.toEqual(path(3e5));
  });
});
