/** Networks saved and loaded again, with nothing of a run around them. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { add, copyInto, full, liveTensors, mul, noGrad, rand, scope } from "../engine/index.js";
import { DataFormatError, OptionError } from "../errors.js";
import { createModel } from "../models/index.js";
import type { Neuron } from "../neurons/index.js";
import { loadModel, loadSegmenter, openPredictor, saveModel } from "./index.js";

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-model-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shape = { arch: "dl-vgg9", inputChannels: 3, numClasses: 2 } as const;
const scoresOf = (model: { forward(x: ReturnType<typeof rand>): { logits: ReturnType<typeof rand> } }) =>
  scope("scores", () => model.forward(rand([1, 3, 16, 16], 1)).logits.toFloat32Array());

describe("saveModel and loadModel", () => {
  it.each([
    { ...shape, kind: "snn", timesteps: 2, leak: 0.8, reset: "hard" } as const,
    { ...shape, kind: "snn", timesteps: 3, batchNorm: false, imbalance: 0.5 } as const,
    { ...shape, kind: "ann", leakySlope: 0.1 } as const,
  ])("give the same network: %o", async (settings) => {
    const before = liveTensors();
    const classes = ["background", "cell"];
    const model = createModel(settings, { seed: 4 });
    const file = await saveModel(at("model"), model, { classes });
    expect(file).toBe(at("model.safetensors"));
    const loaded = await loadModel(file);
    expect(loaded.file).toBe(file);
    expect(loaded.meta).toMatchObject({ classes, epoch: 0, scores: null });
    expect(loaded.model.config).toEqual(model.config);
    expect(loaded.model.training).toBe(false);
    model.setTraining(false);
    expect(scoresOf(loaded.model)).toEqual(scoresOf(model));
    model.dispose();
    loaded.model.dispose();
    expect(liveTensors()).toBe(before);
  });

  it("keep the options of the data, by which a segmenter prepares pictures", async () => {
    using model = createModel({ ...shape, kind: "snn", timesteps: 1 });
    const options = { dataset: "folder", root: folder, imgSize: [16, 24], preprocessing: "unit" };
    const file = await saveModel(at("with-data"), model, { options });
    expect((await loadModel(file)).meta.config).toMatchObject(options);
    await using segmenter = await loadSegmenter(file, { threads: 1 });
    const data = new Uint8Array(16 * 24 * 3).fill(100);
    const { mask } = await segmenter.predict({ data, height: 16, width: 24 });
    expect(mask.length).toBe(16 * 24);
    await expect(saveModel(at("x"), model, { options: { imgsize: 3 } as never })).rejects.toThrow(
      OptionError,
    );
  });

  it("take a neuron of one's own again, and miss it by name", async () => {
    const neuron: Neuron = {
      name: "learnt-leak",
      learnt: { lambda: 0.7 },
      charge: (v, current, { learnt }) => add(mul(v, learnt.lambda ?? 1), current),
    };
    using model = createModel({ ...shape, kind: "snn", timesteps: 2, neuron }, { seed: 2 });
    const file = await saveModel(at("own"), model);
    await expect(loadModel(file)).rejects.toThrow(/learnt-leak.*give it in the code/s);
    const { model: loaded } = await loadModel(file, { neuron });
    model.setTraining(false);
    expect(scoresOf(loaded)).toEqual(scoresOf(model));
    loaded.dispose();
    const options = { dataset: "folder", root: folder, imgSize: [16, 16] };
    await saveModel(at("own"), model, { options });
    using predictor = await openPredictor(at("own"), { neuron });
    expect(predictor.file).toBe(at("own.safetensors"));
    using ann = createModel({ ...shape, kind: "ann" });
    await saveModel(at("ann"), ann);
    await expect(loadModel(at("ann"), { neuron })).rejects.toThrow(/expected no neuron for an ANN/);
  });

  it("refuse other numbers of classes, and weights that no network can have", async () => {
    using model = createModel({ ...shape, kind: "ann" });
    await expect(saveModel(at("bad"), model, { classes: ["one"] })).rejects.toThrow(
      /expected the names of 2 classes, received 1/,
    );
    scope("spoil", () => {
      const [weight] = model.parameters().values();
      noGrad(() => copyInto(weight!, full(weight!.shape, Number.NaN)));
    });
    await expect(saveModel(at("nan"), model)).rejects.toThrow(DataFormatError);
    expect(existsSync(at("nan.safetensors"))).toBe(false);
  });
});
