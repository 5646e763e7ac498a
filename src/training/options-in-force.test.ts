/**
 * No option is recorded that is not in force: every option of a network is given and looked for in what was built, in a
 * new run and in one that begins with another's network. All other options: tests/options-change-runs.test.ts.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { inRun, networkKeys, tinyDigits, type Values } from "../../tests/tiny-run.js";
import { type ConfigKey, flagOf } from "../config/index.js";
import { call, type Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, SnnModel } from "../models/index.js";
import { inits } from "../nn/index.js";
import { writeSafetensors } from "../serialization/index.js";
import { encodeInput } from "./encode-input.js";
import { networkOptions } from "./network-from-config.js";
import { readRunRecord } from "./run-folder.js";
import type { StartedRun } from "./start-run.js";
import { trainRun } from "./train-run.js";
import { saveTraining } from "./training-state.js";

const timeout = 240_000;
const folder = mkdtempSync(join(tmpdir(), "snnseg-in-force-"));
afterAll(() => rmSync(folder, { recursive: true }));

let runs = 0;
/** A run of a moment with these options, and its record. */
function withRun<T>(values: Values, use: (run: StartedRun) => Promise<T> | T): Promise<T> {
  return inRun(join(folder, `run-${++runs}`), { ...tinyDigits, ...values }, use);
}

/** The path of a run with these options that was saved before its first step. */
function savedRun(values: Values): Promise<string> {
  return withRun(values, async ({ experiment, folder: { last, path }, progress, trainCounts }) => {
    await saveTraining(last, experiment, { progress, trainCounts });
    return path;
  });
}

async function vgg11(): Promise<string> {
  const path = join(folder, "vgg11.safetensors");
  const data = new Float32Array(64 * 3 * 9).fill(0.5);
  const shape = [64, 3, 3, 3];
  if (!existsSync(path)) {
    await writeSafetensors(path, new Map([["features.0.weight", { dtype: "float32", shape, data }]]));
  }
  return path;
}

type Probe = {
  /** Another value than the default. */
  readonly given: unknown | (() => Promise<unknown>);
  /** What else must be given. */
  readonly beside?: Values;
  /** The value that is in force. */
  readonly found: (run: StartedRun, values: Values) => Promise<unknown> | unknown;
};

const state = ({ experiment }: StartedRun) => experiment.model.state();
const weights = (run: StartedRun, name: string) => state(run).get(name)!.toFloat32Array();
const shape = (run: StartedRun, name: string) => state(run).get(name)!.shape;
const neurons = ({ experiment: { model } }: StartedRun) => [...(model as SnnModel).spikingLayers().values()];
const same = <T>(all: readonly T[]) => (new Set(all).size === 1 ? all[0] : all);
const ann = { model: "ann" };

/** What an ANN's first layer makes of what enters its activation. */
function activation({ experiment: { model, trainLoader } }: StartedRun): [Float32Array, Float32Array] {
  const [before, after] = [[], []] as Float32Array[][];
  const keep = (list: Float32Array[] | undefined) => (_: string, x: Tensor) => list?.push(x.toFloat32Array());
  const [height, width] = trainLoader.dataset.size;
  const input = call("aten::linspace", [-1, 1, 3 * height * width]);
  const image = call("aten::reshape", [input, [1, 3, height, width]]);
  model.setTraining(false);
  model.forward(image, { observer: { current: keep(before), activated: keep(after) } });
  return [before![0]!, after![0]!];
}

/** The value of `key` if training goes another way with it than without. */
async function changesTraining(run: StartedRun, values: Values, key: ConfigKey): Promise<unknown> {
  const trained = async (started: StartedRun) => {
    await trainRun(started);
    return weights(started, "classifier.0.weight");
  };
  const { [key]: _, ...rest } = values;
  const ours = await trained(run);
  const theirs = await withRun(rest, trained);
  return ours.some((weight, i) => weight !== theirs[i]) ? run.experiment.config[key] : "nothing";
}

const probes: Partial<Record<ConfigKey, Probe>> = {
  model: {
    given: "ann",
    found: ({ experiment: { model } }) => (model instanceof SnnModel ? "snn" : "ann"),
  },
  arch: {
    given: "fcn-vgg9",
    found: (run) => (state(run).has("upsample.0.0.weight") ? "fcn-vgg9" : "dl-vgg9"),
  },
  batchNorm: { given: false, found: (run) => state(run).has("bn_features.0.weight") },
  norm: {
    given: "tebn",
    found: (run) => (state(run).has("bn_features.0.p") ? "tebn" : "bntt"),
  },
  neuron: {
    given: "plif",
    found: (run) => (state(run).has("lif_features.0.w") ? "plif" : "lif"),
  },
  levels: {
    given: 2,
    beside: { neuron: "i-lif" },
    found: (run) => same(neurons(run).map(({ levels }) => levels)),
  },
  learnThreshold: {
    given: true,
    found: ({ experiment: { model } }) => model.parameters().has("lif_features.0.threshold"),
  },
  kernelSize: { given: 5, found: (run) => shape(run, "features.1.weight")[2] },
  init: {
    given: "kaiming",
    found: (run) => {
      const { modelConfig, config } = run.experiment;
      return inits.find((init) => {
        using model = createModel({ ...modelConfig, init }, { seed: config.seed });
        const [a, b] = [
          model.state().get("features.0.weight")!.toFloat32Array(),
          weights(run, "features.0.weight"),
        ];
        return a.every((weight, i) => weight === b[i]);
      });
    },
  },
  leakySlope: {
    given: 0.25,
    beside: ann,
    found: (run) => {
      const [before, after] = activation(run);
      const negative = before.findIndex((value) => value < -0.1);
      return Number((after[negative]! / before[negative]!).toFixed(4));
    },
  },
  activationLevels: {
    given: 8,
    beside: ann,
    found: (run) => {
      if (!state(run).has("act_features.0.bound")) return 0;
      const [bound = 0] = weights(run, "act_features.0.bound");
      const step = activation(run)[1].reduce((least, x) => (x > 0 ? Math.min(least, x) : least), bound);
      return Math.round(bound / step);
    },
  },
  pretrained: {
    given: vgg11,
    beside: { arch: "dl-vgg11" },
    found: (run) => (weights(run, "features.0.weight").every((weight) => weight === 0.5) ? vgg11() : null),
  },
  initFrom: {
    given: () => savedRun({ timesteps: 2, seed: 7 }),
    found: async (run) => {
      using model = createModel(run.experiment.modelConfig, { seed: 7 });
      const theirs = model.state().get("classifier.0.weight")!.toFloat32Array();
      const ours = weights(run, "classifier.0.weight");
      return ours.every((weight, i) => weight === theirs[i]) ? run.experiment.config.initFrom : null;
    },
  },
  timesteps: { given: 3, found: (run) => shape(run, "bn_features.0.running_mean")[0] },
  leak: { given: 0.5, found: (run) => same(neurons(run).map(({ settings }) => settings.leak)) },
  threshold: {
    given: 3,
    found: (run) => same(neurons(run).flatMap(({ threshold }) => [...threshold.toFloat32Array()])),
  },
  surrogate: {
    given: "exponential",
    found: (run) => same(neurons(run).map(({ settings }) => settings.surrogate)),
  },
  reset: { given: "hard", found: (run) => same(neurons(run).map(({ settings }) => settings.reset)) },
  encoding: {
    given: "direct",
    found: ({ experiment: { config } }) => {
      const images = new Float32Array(3 * 64).fill(0.5);
      const labels = { labels: new Uint8Array(64), labelShape: [1, 8, 8] as const, ids: [""] };
      const input = encodeInput({ images, shape: [1, 3, 8, 8], ...labels }, config, () => 0);
      return input.shape.length === 4 ? "direct" : "poisson";
    },
  },
  rateTarget: { given: 0.01, found: (run, values) => changesTraining(run, values, "rateTarget") },
  rateWeight: {
    given: 9,
    beside: { rateTarget: 0.01 },
    found: (run, values) => changesTraining(run, values, "rateWeight"),
  },
  fullPropagation: {
    given: true,
    found: ({ experiment: { model } }) => (model as SnnModel).extraSteps > 0,
  },
  imbalance: { given: 0.5, found: (run) => same(neurons(run).map(({ settings }) => settings.imbalance)) },
};

describe("every option of a network", { timeout }, () => {
  it("is looked for here", () => {
    expect(Object.keys(probes).sort()).toEqual([...networkKeys].sort());
  });

  describe.each(networkKeys)("%s", (key) => {
    const { given, beside = {}, found } = probes[key]!;
    const value = async () => (typeof given === "function" ? await given() : given);
    const few = { timesteps: 2, ...beside };
    const base = "model" in beside || key === "model" ? beside : few;

    /** What a run of these values has, and what it says that it has. */
    const inForce = (given: Values) =>
      withRun(given, async (run) => {
        const { options } = await readRunRecord(run.folder);
        const network = networkOptions(run.experiment.modelConfig);
        const built = key in network ? network[key] : options[key];
        return { found: await found(run, given), recorded: options[key], built };
      });

    it("is in force in a new run, as its record says", async () => {
      const wanted = await value();
      const all = { found: wanted, recorded: wanted, built: wanted };
      expect(await inForce({ ...base, [key]: wanted })).toEqual(all);
    });

    if (key === "initFrom") return;
    it("is in force beside --init-from too, or refused by name", async () => {
      const wanted = await value();
      const initFrom = await savedRun({ ...base });
      const all = { found: wanted, recorded: wanted, built: wanted };
      try {
        expect(await inForce({ initFrom, [key]: wanted })).toEqual(all);
      } catch (error) {
        if (!(error instanceof OptionError)) throw error;
        expect(error.message).toMatch(new RegExp(`^${flagOf(key)}: expected .*init-from`));
      }
    });
  });
});
