/** Networks on event frames, run on recordings. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeMask } from "../../src/images/index.js";
import { loadSegmenter } from "../../src/runs/index.js";
import { aedat4File, randomEvents, textFile } from "../event-writers.js";
import { isBuilt, lastJson, processTimeout, snnsegInside } from "./snnseg.js";
import { labelPng, put, writeTinyDdd17 } from "./tiny-events.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-predict-events-"));
const inside = (name: string) => join(folder, name);
const small = ["--img-size", "8", "--threads", "1", "--workers", "0", "--epochs", "1", "--batch-size", "4"];
const timesteps = 3;
const size = { width: 24, height: 16 };
const recording = inside("drive.aedat4");

interface Window {
  readonly startUs: number;
  readonly endUs: number;
  readonly events: number;
  readonly mask: string;
  readonly shares: Record<string, number>;
  readonly steps?: readonly { readonly mask: string; readonly agreement: number }[];
}

async function predict(words: readonly string[]) {
  const finished = await snnsegInside(["predict", ...words, "--threads", "1", "--json"]);
  expect(finished.code, finished.err).toBe(0);
  return lastJson(finished).recordings as { size: number[]; windowUs: number; windows: Window[] }[];
}

const maskOf = (file: string) => decodeMask(readFileSync(file), file);

describe.skipIf(!isBuilt)(
  "predict on recordings (skipped before the build)",
  { timeout: processTimeout },
  () => {
    beforeAll(async () => {
      put(recording, aedat4File(randomEvents(18_000, { ...size, seed: 5 }), size));
      writeTinyDdd17(inside("ddd17"));
      const still = inside("still");
      for (const split of ["train", "test"]) {
        put(join(still, split, "drive.aedat4"), aedat4File(randomEvents(6000, { ...size, seed: 3 }), size));
        for (const [n, time] of [40_000, 80_000].entries()) {
          put(join(still, split, "drive", `${time}.png`), labelPng([16, 24], n));
        }
      }
      put(join(still, "dataset.json"), JSON.stringify({ classes: ["a", "b", "c", "d", "e", "f"] }));
      const runs = [
        ["history", "ddd17", ["--encoding", "sequence"]],
        ["still", "events", ["--encoding", "poisson", "--representation", "voxel", "--bins", "2"]],
      ] as const;
      for (const [name, dataset, words] of runs) {
        const data = ["--dataset", dataset, "--root", inside(name === "still" ? "still" : "ddd17")];
        const run = ["--timesteps", String(timesteps), "--run", inside(`run-${name}`)];
        const trained = await snnsegInside(["train", ...small, ...data, ...words, ...run]);
        expect(trained.code, trained.err).toBe(0);
      }
    }, processTimeout);
    afterAll(() => rmSync(folder, { recursive: true }));

    it("answers every window of a recording at the sensor's size", async () => {
      const words = [inside("run-history"), recording, "-o", inside("windows"), "--overlay"];
      const [found] = await predict(words);
      expect(found).toMatchObject({ size: [size.height, size.width], windowUs: 50_000 });
      const { windows } = found!;
      expect(windows.length).toBeGreaterThan(2 * timesteps);
      expect(windows.reduce((sum, { events }) => sum + events, 0)).toBe(18_000);
      for (const [n, { startUs, endUs, mask, shares }] of windows.entries()) {
        expect([startUs, endUs]).toEqual([
          windows[0]!.startUs + n * 50_000,
          windows[0]!.startUs + (n + 1) * 50_000,
        ]);
        expect(maskOf(mask)).toMatchObject(size);
        expect(Object.values(shares).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
        expect(readFileSync(mask.replace(".png", ".overlay.png")).length).toBeGreaterThan(0);
      }
    });

    it("a stream's membranes say after T windows what the T frames say together", async () => {
      const run = inside("run-history");
      const [together] = await predict([run, recording, "-o", inside("together")]);
      const [stream] = await predict([run, recording, "-o", inside("stream"), "--stream"]);
      expect(stream!.windows.length).toBe(together!.windows.length);
      for (const n of [timesteps, 2 * timesteps]) {
        const [a, b] = [together, stream].map((found) => maskOf(found!.windows[n - 1]!.mask));
        expect(b).toEqual(a);
      }
    });

    it("a segmenter's stream gives the masks that predict writes, and ends when it is left", async () => {
      const run = inside("run-history");
      const [written] = await predict([run, recording, "-o", inside("segmenter"), "--stream"]);
      await using segmenter = await loadSegmenter(run, { threads: 1 });
      let n = 0;
      for await (const { mask, startUs, endUs, events } of segmenter.stream(recording, { carry: true })) {
        const window = written!.windows[n++]!;
        expect({ startUs, endUs, events }).toEqual({
          startUs: window.startUs,
          endUs: window.endUs,
          events: window.events,
        });
        expect(mask).toEqual(maskOf(window.mask).data);
      }
      expect(n).toBe(written!.windows.length);
      for await (const { width } of segmenter.stream(recording)) {
        expect(width).toBe(size.width);
        break;
      }
      await expect(segmenter.predict(new Uint8Array())).rejects.toThrow(
        /expected a network of pictures, received one of event frames/,
      );
    });

    it("writes the answer after every timestep, the last of which is the answer", async () => {
      put(inside("texts/drive.txt"), textFile(randomEvents(3000, { ...size, seed: 6 })));
      const words = [inside("run-still"), inside("texts"), "-o", inside("steps"), "--anytime"];
      const [found] = await predict([...words, "--window-us", "20000"]);
      expect(found!.windowUs).toBe(20_000);
      for (const { mask, steps } of found!.windows) {
        expect(steps).toHaveLength(timesteps);
        for (const { mask: early, agreement } of steps!) {
          const same = maskOf(early).data.filter((label, i) => label === maskOf(mask).data[i]).length;
          expect(agreement).toBeCloseTo(same / (size.width * size.height), 9);
        }
        expect(steps!.at(-1)!.agreement).toBe(1);
      }
      const [once] = await predict([...words.slice(0, -1), "--window-us", "20000"]);
      expect(maskOf(once!.windows[0]!.mask)).toEqual(maskOf(found!.windows[0]!.mask));
    });

    it("refuses what makes no sense", async () => {
      const run = inside("run-still");
      const still = await snnsegInside(["predict", run, recording, "--stream", "-o", inside("none")]);
      expect(still).toMatchObject({ code: 2, err: expect.stringContaining("--encoding sequence") });
      const both = await snnsegInside(["predict", inside("run-history"), recording, "--stream", "--anytime"]);
      expect(both).toMatchObject({ code: 2, err: expect.stringContaining("--anytime") });
      const picture = await snnsegInside([
        "predict",
        run,
        join(inside("still"), "dataset.json"),
        "-o",
        inside("none"),
      ]);
      expect(picture).toMatchObject({ code: 1, err: expect.stringContaining("expected an event recording") });
    });
  },
);
