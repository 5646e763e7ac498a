/** Training and scoring on event data, from files in their own formats to scores. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aedat4File, randomEvents } from "../event-writers.js";
import { sharedData } from "../shared-data.js";
import { isBuilt, lastJson, processTimeout, snnsegInside } from "./snnseg.js";
import { labelPng, put, writeTinyDdd17 } from "./tiny-events.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-events-"));
const ddd17 = join(folder, "ddd17");
beforeAll(() => void writeTinyDdd17(ddd17));
afterAll(() => rmSync(folder, { recursive: true }));

/** Scores travel as JSON numbers and are computed alike. */
const digits = 9;
const quick = ["--img-size", "8", "--threads", "1", "--workers", "0", "--epochs", "1", "--batch-size", "4"];

/** Trains, then scores the checkpoint in another process; returns both results. */
async function trainAndScore(name: string, words: readonly string[]) {
  const run = join(folder, name);
  const trained = await snnsegInside(["train", ...quick, ...words, "--run", run, "--json"]);
  expect(trained.code, trained.err).toBe(0);
  const scored = await snnsegInside(["eval", run, "--json"]);
  expect(scored.code, scored.err).toBe(0);
  return { trained: lastJson(trained), scored: lastJson(scored), run };
}

describe.skipIf(!isBuilt)(
  "train and eval on events (skipped before the build)",
  { timeout: processTimeout },
  () => {
    it.each([
      ["single", ["--timesteps", "2"], 2, 4],
      ["all-channels", ["--timesteps", "2", "--channels", "6", "--augment", "geometric"], 6, 4],
      // Sequences of 3: two of the four test frames have two predecessors.
      ["history", ["--timesteps", "3", "--encoding", "sequence", "--augment", "geometric"], 2, 2],
      [
        "twin",
        ["--model", "ann", "--scaling", "column", "--augment", "geometric", "--void", "background"],
        2,
        4,
      ],
    ])("DDD17, %s", async (name, words, channels, examples) => {
      const { trained, scored, run } = await trainAndScore(name, [
        "--dataset",
        "ddd17",
        "--root",
        ddd17,
        ...words,
      ]);
      expect(trained).toMatchObject({ finished: true, split: "test", examples });
      expect(scored.meanIoU).toBeCloseTo(trained.meanIoU as number, digits);
      expect(existsSync(join(run, "pictures/examples.png"))).toBe(true);
      const { model } = JSON.parse(readFileSync(join(run, "checkpoints/best.json"), "utf8"));
      expect(model.inputChannels).toBe(channels);
    });

    it("recordings cut into frames on the fly, and noise on them", async () => {
      const root = join(folder, "recordings");
      const times = [40_000, 80_000, 120_000];
      for (const split of ["train", "test"]) {
        const events = randomEvents(6000, { width: 24, height: 16, seed: split.length });
        put(join(root, split, "drive.aedat4"), aedat4File(events, { width: 24, height: 16 }));
        for (const [n, time] of times.entries()) {
          put(join(root, split, "drive", `${time}.png`), labelPng([16, 24], n));
        }
      }
      put(join(root, "dataset.json"), JSON.stringify({ classes: ["a", "b", "c", "d", "e", "f"] }));
      const words = ["--dataset", "events", "--root", root, "--representation", "voxel", "--bins", "3"];
      const { trained, scored, run } = await trainAndScore("cut", [
        ...words,
        ...["--timesteps", "2", "--encoding", "direct", "--window-us", "30000", "--augment", "geometric"],
      ]);
      expect(trained).toMatchObject({ split: "test", examples: 3 });
      expect(scored.meanIoU).toBeCloseTo(trained.meanIoU as number, digits);
      expect(existsSync(join(root, ".event-frames"))).toBe(true);
      const noisy = await snnsegInside(["eval", run, "--noise", "salt-and-pepper=0.5", "--json"]);
      expect(lastJson(noisy)).toMatchObject({ examples: 3 });
    });

    it.skipIf(!sharedData)(
      "frames prepared from a DAVIS346 recording (skipped without shared data)",
      async () => {
        const out = join(folder, "prepared");
        const first = 1589163147368868;
        for (const split of ["train", "test"]) {
          const labels = join(folder, `labels-${split}`);
          for (const n of [1, 2, 3]) put(join(labels, `${first + 50_000 * n}.png`), labelPng([200, 346], n));
          mkdirSync(join(folder, split));
          const recording = join(folder, split, "davis.aedat4");
          copyFileSync(join(sharedData!, "events/recordings/davis346_sample.aedat4"), recording);
          const words = [
            "data",
            "prepare",
            recording,
            "--labels",
            labels,
            "--out",
            out,
            "--split",
            split,
            "--json",
          ];
          expect(lastJson(await snnsegInside(words))).toMatchObject({ frames: 3, written: 3, empty: 0 });
          expect(lastJson(await snnsegInside(words))).toMatchObject({ frames: 3, written: 0 });
        }
        const words = ["--dataset", "ddd17", "--root", out, "--channels", "6", "--timesteps", "3"];
        const { trained, scored } = await trainAndScore("davis", [...words, "--encoding", "sequence"]);
        expect(trained).toMatchObject({ split: "test", examples: 1 });
        expect(scored.meanIoU).toBeCloseTo(trained.meanIoU as number, digits);
      },
    );
  },
);
