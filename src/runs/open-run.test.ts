/** A run opened from a folder or a file: what comes, what is refused by name, and what stays behind. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digitsOptions, savedConfigs, saveNetwork } from "../../tests/saved-network.js";
import { liveTensors } from "../engine/index.js";
import { DataFormatError, OptionError, ShapeError } from "../errors.js";
import { readState } from "../nn/index.js";
import { type JsonObject, loadCheckpoint, saveCheckpoint } from "../serialization/index.js";
import { openPredictor, openRun, openTrainedRun } from "./index.js";

let folder = "";
let file = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-open-"));
  await mkdir(at("run/checkpoints"), { recursive: true });
  file = `${await saveNetwork(at("run/checkpoints/best"), savedConfigs.snn)}.safetensors`;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy with other metadata or arrays. */
async function changed(
  name: string,
  { meta = {}, without = [] }: { meta?: JsonObject; without?: readonly string[] },
): Promise<string> {
  const saved = await loadCheckpoint(file);
  const tensors = new Map([...saved.tensors].filter(([key]) => !without.includes(key)));
  await saveCheckpoint(at(name), { tensors, meta: { ...saved.meta, ...meta } });
  return at(name);
}

describe("openRun", () => {
  it.each(["run", "run/checkpoints/best", "run/checkpoints/best.safetensors"])(
    "gives network, options and metadata of %s",
    async (path) => {
      const before = liveTensors();
      {
        using run = await openRun(at(path));
        expect(run.file).toBe(file);
        expect(run.meta).toMatchObject({ epoch: 1, classes: expect.arrayContaining(["class 0"]) });
        // Options that the checkpoint does not hold have their defaults.
        expect(run.config).toMatchObject({ ...digitsOptions, timesteps: 2, seed: 0 });
        const { tensors } = await loadCheckpoint(file);
        expect(readState(run.model).get("features.0.weight")).toEqual(tensors.get("features.0.weight"));
      }
      expect(liveTensors()).toBe(before);
    },
  );

  it("lets options given now beat the checkpoint's", async () => {
    using run = await openRun(at("run"), { options: { timesteps: 1, seed: 7 } });
    expect(run.config).toMatchObject({ timesteps: 1, seed: 7 });
    expect(run.model.config).toMatchObject({ timesteps: 1 });
    await expect(openRun(at("run"), { options: { timesteps: 3 } })).rejects.toThrow(OptionError);
  });

  it.each<[string, JsonObject, RegExp]>([
    ["no network", { model: null }, /a wrong model \(expected a network's settings\)/],
    [
      "an unknown network",
      { model: { ...savedConfigs.snn, arch: "resnet" } },
      /expected arch to be one of .*received "resnet"/,
    ],
    ["no options", { config: [] }, /a wrong config/],
    ["an epoch that is none", { epoch: -1 }, /a wrong epoch/],
    ["fewer classes than scores", { classes: ["one"] }, /1 classes of a network with 11 classes/],
    ["pixels of other classes", { trainPixels: [1, 2] }, /2 trainPixels of a network with 11 classes/],
    ["half a result", { scores: { meanIoU: 0.5 } }, /a wrong scores\.epoch/],
  ])("refuses metadata with %s by name", async (name, meta, message) => {
    const path = await changed(name, { meta });
    for (const open of [openRun, openTrainedRun, openPredictor]) {
      const opening = open(path);
      await expect(opening).rejects.toThrow(DataFormatError);
      await expect(opening).rejects.toThrow(message);
      await expect(opening).rejects.toThrow(`${path}.safetensors`);
    }
  });

  it("leaves nothing behind where weights do not fit", async () => {
    const path = await changed("unfit", { without: ["features.0.weight"] });
    const before = liveTensors();
    for (const open of [openRun, openTrainedRun, openPredictor]) {
      await expect(open(path)).rejects.toThrow(ShapeError);
    }
    expect(liveTensors()).toBe(before);
  });
});

describe("openTrainedRun", () => {
  it("leaves no tensor behind where the data have other classes, or no such split", async () => {
    const path = await saveNetwork(at("classes"), { ...savedConfigs.snn, numClasses: 3 });
    const before = liveTensors();
    await expect(openTrainedRun(path)).rejects.toThrow(/3 classes, received digits/);
    await expect(openTrainedRun(file, { split: "test" })).rejects.toThrow(OptionError);
    expect(liveTensors()).toBe(before);
  });
});
