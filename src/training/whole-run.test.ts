/** A run from its start over an interruption to its end leaves no tensor behind, and neither does one that cannot begin. */
import { existsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeTinyData } from "../../tests/cli/tiny-data.js";
import { flagLayer, resolveConfig } from "../config/index.js";
import { liveTensors } from "../engine/index.js";
import { encodeMaskPng } from "../images/index.js";
import {
  createExperiment,
  type EpochRecord,
  RunFolder,
  resumeRun,
  secondsPerStep,
  settleStatistics,
  startRun,
  trainRun,
} from "./index.js";

let path: string;
beforeAll(async () => {
  path = await mkdtemp(join(tmpdir(), "snnseg-run-"));
});
afterAll(() => rm(path, { recursive: true, force: true }));

const resolved = resolveConfig([
  flagLayer({
    ...{ dataset: "digits", imgSize: 16, model: "snn", timesteps: 2, encoding: "direct", average: 0.9 },
    ...{ epochs: 2, limitBatches: 1, batchSize: 2, evalBatchSize: 2, workers: 0, optimizer: "adam" },
  }),
]);
const environment = {} as Parameters<typeof startRun>[1]["environment"];

describe("a training run", () => {
  it("leaves nothing when it ends, is interrupted or goes on", async () => {
    const before = liveTensors();
    const folder = new RunFolder(path);
    const stop = new AbortController();
    {
      const run = await startRun(resolved, { folder, preset: undefined, environment });
      await using _ = run.experiment;
      const observer = { epochDone: () => stop.abort() };
      await trainRun({ ...run, signal: stop.signal, observer });
    }
    expect(liveTensors()).toBe(before);
    {
      const run = await resumeRun(resolved, folder);
      await using _ = run.experiment;
      expect((await trainRun(run)).finished).toBe(true);
    }
    expect(liveTensors()).toBe(before);
  });

  it("leaves nothing when its steps are timed or its statistics settled", async () => {
    const before = liveTensors();
    expect(await secondsPerStep(resolved.config)).toBeGreaterThan(0);
    expect(liveTensors()).toBe(before);
    await using experiment = await createExperiment(resolved.config);
    const { config, model, trainLoader } = experiment;
    const owned = liveTensors();
    const settled = await settleStatistics(model, trainLoader, {
      input: config,
      seed: 1,
      batches: 2,
    });
    expect(settled).toBe(2);
    expect(liveTensors()).toBe(owned);
  });

  it("has the mean loss and rates of the batches that were not void as a whole", async () => {
    const root = writeTinyData(join(path, "half-void"), { train: 4 });
    const data = new Uint8Array(12 * 16).fill(255);
    for (const index of [0, 2])
      writeFileSync(join(root, `masks/train-${index}.png`), encodeMaskPng({ height: 12, width: 16, data }));
    const folder = new RunFolder(join(path, "half-void-run"));
    const values = { dataset: "folder", root, imgSize: 8, batchSize: 1, epochs: 1, lr: 1e-30 };
    const network = { model: "snn", timesteps: 2, encoding: "direct", workers: 0 };
    const order = resolveConfig([flagLayer({ ...values, ...network })]);
    const run = await startRun(order, { folder, preset: undefined, environment });
    await using _ = run.experiment;
    const losses: number[] = [];
    const records: EpochRecord[] = [];
    await trainRun({
      ...run,
      observer: {
        stepDone: ({ loss, learnt }) => void (learnt && losses.push(loss)),
        epochDone: (record) => void records.push(record),
      },
    });
    expect(losses).toHaveLength(2);
    expect(records).toMatchObject([{ steps: 4, examples: 2, loss: (losses[0]! + losses[1]!) / 2 }]);
  });

  it("leaves nothing when it cannot begin", async () => {
    const before = liveTensors();
    const initialise = async () => {
      throw new Error("no such weights");
    };
    await expect(createExperiment(resolved.config, { initialise })).rejects.toThrow("no such weights");
    const folder = new RunFolder(join(path, "nothing-here"));
    await expect(resumeRun(resolved, folder)).rejects.toThrow();
    expect(existsSync(folder.path)).toBe(false);
    expect(liveTensors()).toBe(before);
  });
});
