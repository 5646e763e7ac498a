/** Runs as a test can compare them: digests of what they read, compute and write. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Loader } from "../src/datasets/index.js";
import { getThreads } from "../src/engine/index.js";
import { sha256 } from "../src/files/index.js";
import { readState } from "../src/nn/index.js";
import { loadCheckpoint, type NamedArrays } from "../src/serialization/index.js";
import { RunFolder, readMetrics, readRunRecord, type StartedRun, trainRun } from "../src/training/index.js";
import { runCommand } from "./saved-network.js";
import { inRun, type Values } from "./tiny-run.js";

const digest = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
  sha256(new Uint8Array(buffer, byteOffset, byteLength));

/** All batches of the first epoch. */
export async function batchesOf(loader: Loader): Promise<unknown[]> {
  const batches = [];
  for await (const { images, labels, ids } of loader.batches(0)) {
    batches.push([ids, digest(images), digest(labels)]);
  }
  return batches;
}

const digestsOf = (arrays: NamedArrays) => [...arrays].map(([name, { data }]) => [name, digest(data)]);
const weightsOf = ({ experiment: { model } }: StartedRun) => digestsOf(readState(model));

/** What there is to see of a run of these options in the folder `path`, part by part, and its record. */
export const views = {
  /** Of a run that has begun. */
  start: (path: string, values: Values) =>
    inRun(path, values, async (run) => {
      const { trainLoader, evalLoader } = run.experiment;
      return {
        classes: trainLoader.dataset.classes,
        trainBatches: await batchesOf(trainLoader),
        evalBatches: await batchesOf(evalLoader),
        weights: weightsOf(run),
        record: await readRunRecord(run.folder),
      };
    }),
  /** Of its training. */
  training: (path: string, values: Values) =>
    inRun(path, values, async (run) => {
      const saved: boolean[] = [];
      await trainRun({ ...run, observer: { stepDone: () => saved.push(run.folder.hasCheckpoint) } });
      const records = await readMetrics(run.folder.metrics);
      const epochs = records.filter((record) => record.kind === "epoch");
      return {
        steps: epochs.map(({ steps }) => steps),
        rates: epochs.map(({ lr }) => lr),
        losses: epochs.map(({ loss }) => loss),
        evaluated: records.flatMap(({ kind, epoch }) => (kind === "evaluation" ? [epoch] : [])),
        weights: weightsOf(run),
        best: digestsOf((await loadCheckpoint(run.folder.best)).tensors),
        saved,
        record: await readRunRecord(run.folder),
      };
    }),
  /** Of the command `train`, and of what it leaves in its folder: `path` unless the options name another. */
  command: async (path: string, values: Values) => {
    let workers = 0;
    const count = () => void workers++;
    const given = { run: path, ...values };
    const config = `${path}.json`;
    writeFileSync(config, JSON.stringify(given));
    process.on("worker", count);
    const { code, err } = await runCommand("train", "--config", config, "--quiet");
    process.off("worker", count);
    if (code !== 0) throw new Error(err);
    const run = new RunFolder(given.run);
    const picture = run.picture("examples");
    return {
      isInPath: new RunFolder(path).hasRun,
      files: readdirSync(given.run, { recursive: true }).toSorted(),
      picture: existsSync(picture) && digest(readFileSync(picture)),
      threads: getThreads(),
      workers,
      record: await readRunRecord(run),
    };
  },
};
export type View = keyof typeof views;
