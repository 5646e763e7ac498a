/**
 * No option is recorded that is not in force: every option of data, training and run is given to a run, on every data
 * set that it is for, and must change that of it which it is about, and nothing else of what is looked at together.
 * Options of the network are looked for in src/training/options-in-force.test.ts.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ConfigKey, configKeys, flagOf, optionOf } from "../src/config/index.js";
import type { Loader } from "../src/datasets/index.js";
import { getThreads, setThreads } from "../src/engine/index.js";
import { voidLabel } from "../src/metrics/index.js";
import { readRunRecord, type StartedRun } from "../src/training/index.js";
import { batchesOf, type View, views } from "./run-views.js";
import { inRun, networkKeys, runKeys, tinyDigits, type Values } from "./tiny-run.js";
import { writeTinyCifar10, writeTinyMnist, writeTinySets } from "./tiny-sets.js";

const timeout = 240_000;
const folder = mkdtempSync(join(tmpdir(), "snnseg-change-"));
const threads = getThreads();
beforeAll(() => setThreads(1));
afterAll(() => {
  setThreads(threads);
  rmSync(folder, { recursive: true });
});
const at = (name: string) => join(folder, name);
const sets = await writeTinySets(folder);
type FileSet = keyof typeof sets;
type SetName = FileSet | "digits";
const rootOf = (set: SetName) => sets[set as FileSet][0];

const small = { model: "ann", kernelSize: 1 };
const { dataset: _, digitsTrain: __, digitsVal: ___, ...tiny } = tinyDigits;
const base = (set: SetName): Values =>
  set === "digits"
    ? { ...tinyDigits, ...small, digitsTrain: 4 }
    : { ...tiny, ...small, dataset: set, root: rootOf(set) };

let runs = 0;
const freshPath = () => at(`run-${++runs}`);
/** A look at something that the views do not show. */
type Look = (run: StartedRun) => Promise<unknown> | unknown;

type Row = {
  /** Another value than the base has. */
  readonly given: string | number | boolean | readonly unknown[] | ((set: SetName) => string);
  /** What both runs have beside it. */
  readonly beside?: Values | ((set: SetName) => Values);
  /** The data set, unless the option is bound to some. */
  readonly on?: SetName;
} & (
  | { readonly in: View; readonly changes: readonly string[] }
  | { readonly look: Look }
  | { readonly refused: RegExp }
);

const both = ["trainBatches", "evalBatches"];
const bothAndWeights = [...both, "weights"];
const learning = ["losses", "weights", "best"];
/** Nothing gets better where nothing is learnt. */
const still = { lr: 1e-30, weightDecay: 0, batchNorm: false, evalEvery: 1 };
const digits = { digitCount: [3, 3], digitOverlap: 1 };
const short = { epochs: 2 };

/** A list of one example of the split. */
function listOf(set: SetName, split: "train" | "val"): string {
  const path = at(`${set}-${split}.list`);
  const ddd17 = { train: "train/rec14_export_5", val: "test/rec15_export_2" }[split];
  const lines: Partial<Record<SetName, string>> = {
    voc2012: `${split}-1`,
    ddd17: `events/${ddd17}.npy labels/${ddd17}.png`,
  };
  writeFileSync(path, `${lines[set] ?? `images/${split}-1.png masks/${split}-1.png`}\n`);
  return path;
}

function classFile(set: SetName): string {
  const path = at(`${set}-classes.json`);
  // The labels of ddd17 are of six classes; dsec has a folder for each number of classes.
  const count = set === "ddd17" ? 7 : set === "dsec" ? 12 : 3;
  const classes = Array.from({ length: count }, (_, k) => `class ${k}`);
  writeFileSync(path, JSON.stringify({ classes, void: 255 }));
  return path;
}

/** Whether a record is in memory: what it is when its file is another. */
async function keepsRecords({ experiment: { evalLoader, config } }: StartedRun): Promise<boolean> {
  const file = join(config.root!, "images/val-0.png");
  const before = await batchesOf(evalLoader);
  const kept = readFileSync(file);
  writeFileSync(file, readFileSync(join(config.root!, "images/val-1.png")));
  const after = await batchesOf(evalLoader);
  writeFileSync(file, kept);
  return JSON.stringify(before) === JSON.stringify(after);
}

const rows: Partial<Record<ConfigKey, Row>> = {
  dataset: {
    given: "voc2012",
    beside: { root: sets.voc2012[0] },
    on: "folder",
    in: "start",
    changes: ["classes", ...bothAndWeights],
  },
  root: { given: (set) => sets[set as FileSet][1], in: "start", changes: both },
  classes: { given: classFile, in: "start", changes: ["classes", "weights"] },
  trainSplit: { given: "val", on: "folder", in: "start", changes: ["trainBatches"] },
  evalSplit: { given: "train", on: "folder", in: "start", changes: ["evalBatches"] },
  trainList: { given: (set) => listOf(set, "train"), in: "start", changes: ["trainBatches"] },
  evalList: { given: (set) => listOf(set, "val"), in: "start", changes: ["evalBatches"] },
  imgSize: { given: [8, 10], in: "start", changes: both },
  fit: { given: "letterbox", in: "start", changes: both },
  preprocessing: { given: "unit", in: "start", changes: both },
  orientation: { given: "stored", in: "start", changes: both },
  labelPixel: { given: "corner", in: "start", changes: both },
  void: {
    given: "background",
    beside: (set) => (set === "ddd17" ? { augment: "geometric" } : {}),
    in: "start",
    changes: ["trainBatches"],
  },
  mnist: { given: () => writeTinyMnist(at("mnist")), in: "start", changes: both },
  cifar10: { given: () => writeTinyCifar10(at("cifar10")), in: "start", changes: both },
  digitsTrain: { given: 3, in: "start", changes: ["trainBatches"] },
  digitsVal: { given: 2, in: "start", changes: ["evalBatches"] },
  digitCount: { given: [0, 0], in: "start", changes: both },
  digitScale: { given: [0.9, 1], in: "start", changes: both },
  digitOverlap: { given: 0, beside: digits, in: "start", changes: both },
  digitOcclusion: { given: "first", beside: digits, in: "start", changes: both },
  digitSeed: { given: 7, in: "start", changes: both },
  channels: { given: "6", in: "start", changes: bothAndWeights },
  scaling: { given: "column", in: "start", changes: both },
  division: { given: "ess", in: "start", changes: both },
  dsecClasses: { given: "19", in: "start", changes: ["classes", ...bothAndWeights] },
  simulateFrom: {
    given: "voc2012",
    beside: { root: sets.voc2012[0] },
    in: "start",
    changes: ["classes", ...bothAndWeights],
  },
  sensorModel: { given: "noisy", in: "start", changes: both },
  cameraMotion: { given: 2, in: "start", changes: both },
  samePaths: { given: true, in: "start", changes: ["trainBatches"] },
  representation: { given: "ev-segnet", in: "start", changes: bothAndWeights },
  bins: { given: 3, beside: { representation: "voxel" }, in: "start", changes: bothAndWeights },
  windowUs: { given: 10_000, in: "start", changes: both },
  timeUnit: { given: "ns", in: "start", changes: both },
  columns: { given: "tyxp", in: "start", changes: both },
  sensor: { given: "32x24", in: "start", changes: both },
  strict: { given: true, refused: /expected (a line of 4 columns|polarity 0 or 1)/ },
  frameCache: {
    given: (set) => at(`frames-${set}`),
    look: ({ experiment: { config } }) => existsSync(at(`frames-${config.dataset}`)),
  },
  augment: { given: "geometric", in: "start", changes: ["trainBatches"] },
  augmentScale: {
    given: [1, 1.5],
    beside: { augment: "scale-crop" },
    in: "start",
    changes: ["trainBatches"],
  },
  augmentCrop: {
    given: [6, 8],
    beside: { augment: "scale-crop" },
    in: "start",
    changes: ["trainBatches"],
  },
  cacheMb: { given: 0, on: "folder", look: keepsRecords },

  epochs: { given: 2, in: "training", changes: ["steps", "rates", "evaluated", "saved", ...learning] },
  batchSize: { given: 1, in: "start", changes: ["trainBatches"] },
  evalBatchSize: { given: 1, on: "folder", in: "start", changes: ["evalBatches"] },
  optimizer: { given: "adam", in: "training", changes: learning },
  lr: { given: 0.1, in: "training", changes: ["rates", ...learning] },
  momentum: { given: 0.1, beside: short, in: "training", changes: learning },
  weightDecay: { given: 0.5, in: "training", changes: learning },
  clipGradient: { given: 1e-3, in: "training", changes: learning },
  loss: { given: "dice", in: "training", changes: learning },
  focalGamma: { given: 5, beside: { loss: "focal" }, in: "training", changes: learning },
  ohemThreshold: { given: 0.1, beside: { loss: "cross-entropy-ohem" }, in: "training", changes: learning },
  ohemShare: {
    given: 0.5,
    beside: { loss: "cross-entropy-ohem", ohemThreshold: 1e-6 },
    in: "training",
    changes: learning,
  },
  lossPerStep: {
    given: 0.05,
    beside: { model: "snn", timesteps: 2, encoding: "direct" },
    in: "training",
    changes: learning,
  },
  auxiliaryWeight: { given: 0.4, in: "training", changes: learning },
  classWeights: { given: "log", in: "training", changes: learning },
  schedule: { given: "cosine", beside: short, in: "training", changes: ["rates", ...learning] },
  milestones: { given: [0.9], beside: short, in: "training", changes: ["rates", ...learning] },
  scheduleBy: {
    given: "step",
    beside: { ...short, schedule: "poly", batchSize: 1 },
    in: "training",
    changes: ["rates", ...learning],
  },
  warmup: { given: 1, beside: short, in: "training", changes: ["rates", ...learning] },
  spikingFrom: {
    given: 0.5,
    beside: { model: "snn", neuron: "integer", timesteps: 1, encoding: "direct", epochs: 2 },
    in: "training",
    changes: learning,
  },
  average: { given: 0.5, in: "training", changes: ["best"] },
  patience: {
    given: 1,
    beside: { ...still, epochs: 4 },
    in: "training",
    changes: ["steps", "rates", "losses", "evaluated", "saved"],
  },
  evalEvery: { given: 2, beside: { ...still, epochs: 2 }, in: "training", changes: ["evaluated"] },
  saveEvery: { given: 1, in: "training", changes: ["saved"] },
  // Of one process the batch is the whole; tests/ranks holds what it does to several.
  syncNorm: {
    given: true,
    beside: { batchNorm: true },
    look: ({ experiment: { config } }) => config.syncNorm,
  },
  limitBatches: { given: 1, in: "training", changes: ["steps", "saved", ...learning] },

  seed: { given: 4, in: "start", changes: ["trainBatches", "weights"] },
  threads: { given: 2, in: "command", changes: ["threads"] },
  workers: { given: 2, on: "folder", in: "command", changes: ["workers"] },
  device: { given: "cuda:63", refused: /^device: .* received cuda:63/ },
  precision: { given: "bf16", in: "training", changes: learning },
  run: { given: at("my-run"), in: "command", changes: ["isInPath"] },
  tensorboard: { given: true, in: "command", changes: ["files"] },
  csv: { given: true, in: "command", changes: ["files"] },
  pictures: { given: 0, in: "command", changes: ["files", "picture"] },
  examples: { given: ["images/val-2"], on: "folder", in: "command", changes: ["picture"] },
};

/** The data sets to try an option on: all that it is for. */
function setsOf(key: ConfigKey): readonly SetName[] {
  const bound = optionOf(key).only.flatMap(({ dataset = [] }) => dataset) as SetName[];
  return bound.length > 0 ? bound : [rows[key]?.on ?? "digits"];
}
const cases = runKeys.flatMap((key) => setsOf(key).map((set) => [flagOf(key), set, key] as const));

describe("every option of data, training and run", { timeout }, () => {
  it("is looked at here, and every other one among those of a network", () => {
    expect(Object.keys(rows).sort()).toEqual([...runKeys].sort());
    expect([...networkKeys, ...runKeys].sort()).toEqual([...configKeys].sort());
  });

  it.each(cases)("%s is in force on %s", async (_, set, key) => {
    const row = rows[key]!;
    const { given, beside = {} } = row;
    const value = typeof given === "function" ? given(set) : given;
    const without = { ...base(set), ...(typeof beside === "function" ? beside(set) : beside) };
    const withIt = { ...without, [key]: value };
    if ("refused" in row) {
      await inRun(freshPath(), without, () => undefined);
      await expect(inRun(freshPath(), withIt, () => undefined)).rejects.toThrow(row.refused);
      return;
    }
    const view = async (values: Values) => {
      if ("in" in row) return await views[row.in](freshPath(), values);
      return await inRun(freshPath(), values, async (run) => ({
        seen: await row.look(run),
        record: await readRunRecord(run.folder),
      }));
    };
    const before: Record<string, unknown> = await view(without);
    const { record, ...after } = await view(withIt);
    const changed = Object.keys(after).filter(
      (part) => JSON.stringify(before[part]) !== JSON.stringify((after as Record<string, unknown>)[part]),
    );
    expect(changed.sort()).toEqual("in" in row ? [...row.changes].sort() : ["seen"]);
    expect(record.options[key], flagOf(key)).toEqual(value);
  });

  it("void is about the split that is trained on, whatever its name, and never about scores", async () => {
    const splits = { trainSplit: "val", evalSplit: "train", void: "background" };
    await inRun(freshPath(), { ...base("voc2012"), ...splits }, async ({ experiment }) => {
      const hasVoid = async (loader: Loader) => {
        for await (const { labels } of loader.batches(0)) if (labels.includes(voidLabel)) return true;
        return false;
      };
      expect(await hasVoid(experiment.trainLoader)).toBe(false);
      expect(await hasVoid(experiment.evalLoader)).toBe(true);
    });
  });
});
