import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readMetrics } from "../../src/training/index.js";
import { type Finished, processTimeout, snnseg, snnsegInside, snnsegStopped } from "../cli/snnseg.js";
import { obstacle, ranksOf, spiking, tinyTraining } from "./rank-processes.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-rank-resume-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (run: string) => join(folder, run);
const last = (run: string) => join(at(run), "checkpoints", "last.safetensors");
const words = (run: string) => [
  ...[...tinyTraining, ...spiking, "--sync-norm", "--save-every", "1", "--run", at(run)],
];

describe.skipIf(obstacle !== "")(
  `a run on two ranks that was stopped${obstacle}`,
  { timeout: processTimeout },
  () => {
    beforeAll(async () => {
      for (const { code, err } of await ranksOf(2, words("whole"))) expect(code, err).toBe(0);
      // Ctrl-C reaches the launcher; both ranks stop after the same step.
      const stopped = await snnsegStopped([...words("stopped"), "--nproc", "2"], {
        signal: "SIGINT",
        when: () => existsSync(last("stopped")),
      });
      expect(stopped.code, stopped.err).toBe(130);
      expect(stopped.out).toContain("continue with: snnseg train --resume");
    }, processTimeout);

    const goesOn: Readonly<Record<number, (words: readonly string[]) => Promise<readonly Finished[]>>> = {
      1: async (words) => [await snnsegInside([...words, "--nproc", "1"])],
      2: async (words) => [await snnseg([...words, "--nproc", "2"])],
      3: async (words) => await ranksOf(3, words),
    };
    it.each([1, 2, 3])("goes on with %i", async (count) => {
      const run = `on-${count}`;
      cpSync(at("stopped"), at(run), { recursive: true });
      for (const { code, err } of await goesOn[count]!(["train", "--resume", at(run)]))
        expect(code, err).toBe(0);
      const [whole, resumed] = await Promise.all(
        ["whole", run].map((each) => readMetrics(join(at(each), "metrics.jsonl"))),
      );
      const scores = (records: typeof whole) =>
        records!.map((record) => ("meanIoU" in record ? record.meanIoU : record.loss));
      for (const [i, score] of scores(whole).entries()) expect(scores(resumed)[i]).toBeCloseTo(score, 4);
      if (count === 2) expect(readFileSync(last(run)).equals(readFileSync(last("whole")))).toBe(true);
    });
  },
);
