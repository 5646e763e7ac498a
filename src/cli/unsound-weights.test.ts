/** Weights that no network can have are refused by name wherever a checkpoint is opened to compute. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand, savedConfigs, saveNetwork } from "../../tests/saved-network.js";
import { encodePicturePng } from "../images/index.js";
import { loadCheckpoint, saveCheckpoint } from "../serialization/index.js";

let folder = "";
let picture = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-unsound-"));
  picture = at("picture.png");
  const grey = { width: 8, height: 8, data: new Uint8Array(8 * 8 * 3).fill(90) };
  await writeFile(picture, encodePicturePng(grey));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A saved network with one value replaced; saved once. */
const saved = new Map<string, Promise<string>>();
function damaged(kind: "snn" | "ann", name: string, value: number): Promise<string> {
  const key = `${kind}-${name}`;
  const change = { [name]: (values: Float32Array) => void values.fill(value, 2, 3) };
  if (!saved.has(key)) saved.set(key, saveNetwork(at(key), savedConfigs[kind], { change }));
  return saved.get(key)!;
}

async function refuses(words: readonly string[], file: string, expected: RegExp): Promise<void> {
  const before = await readdir(folder);
  const { code, err } = await runCommand(...words);
  expect(err).toMatch(expected);
  expect(err).toContain(`${file}.safetensors`);
  expect(err).toMatch(/^error: [^\n]+\n$/m);
  expect(code).toBe(1);
  expect(await readdir(folder)).toEqual(before);
}

describe("weights that no network can have", () => {
  const commands: Readonly<Record<string, readonly ["snn" | "ann", (file: string) => string[]]>> = {
    eval: ["snn", (file) => ["eval", file]],
    "eval of an ANN": ["ann", (file) => ["eval", file]],
    "eval on fused kernels": ["snn", (file) => ["eval", file, "--precision", "fast"]],
    predict: ["snn", (file) => ["predict", file, picture, "--output", at("masks")]],
    energy: ["snn", (file) => ["energy", file]],
    robustness: ["snn", (file) => ["robustness", file]],
    report: ["snn", (file) => ["report", file, "--output", at("page.html")]],
    convert: ["ann", (file) => ["convert", file, "--run", at("converted")]],
    "train --init-from": ["snn", (file) => ["train", "--init-from", file, "--run", at("new")]],
    import: ["snn", (file) => ["checkpoint", "import", `${file}.safetensors`, at("imported")]],
  };

  it.each(Object.entries(commands))("are refused by %s", async (_name, [kind, words]) => {
    const file = await damaged(kind, "features.3.weight", Number.NaN);
    const message = /expected finite weights, received NaN at features\.3\.weight\[0, 0, 0, 2\]/;
    await refuses(words(file), file, message);
  });

  it.each<[string, number, RegExp]>([
    [
      "classifier.1.weight",
      Number.NEGATIVE_INFINITY,
      /finite weights, received -Infinity at .*\[0, 2, 0, 0\]/,
    ],
    ["bn_features.1.running_var", -0.5, /variances of at least 0, received -0\.5 at .*running_var\[0, 2\]/],
  ])("are refused in %s", async (name, value, message) => {
    const file = await damaged("snn", name, value);
    await refuses(["eval", file], file, message);
  });

  it("are refused where their type holds no fractions", async () => {
    const sound = await loadCheckpoint(await saveNetwork(at("sound"), savedConfigs.snn));
    const weight = sound.tensors.get("features.3.weight")!;
    const data = Int32Array.from(weight.data as Float32Array);
    const tensors = new Map([
      ...sound.tensors,
      ["features.3.weight", { ...weight, dtype: "int32", data }] as const,
    ]);
    await saveCheckpoint(at("integers"), { ...sound, tensors });
    const message = /weights of a floating-point type, received int32 for features\.3\.weight/;
    await refuses(["eval", at("integers")], at("integers"), message);
  });

  it("are refused where a threshold is negative", async () => {
    const change = { "lif_features.0.threshold": (values: Float32Array) => void values.fill(-1) };
    const file = await saveNetwork(at("threshold"), savedConfigs.snn, { change });
    await refuses(
      ["eval", file],
      file,
      /thresholds of at least 0, received -1 at lif_features\.0\.threshold/,
    );
  });

  it("are refused with what helps where a learnt bound is not above 0", async () => {
    const change = { "act_features.0.bound": (values: Float32Array) => void values.fill(-0.25) };
    const file = await saveNetwork(at("bound"), { ...savedConfigs.ann, activationLevels: 4 }, { change });
    const message = /learnt bounds above 0, received -0\.25 at act_features\.0\.bound\[0\]; .*lower --lr/;
    await refuses(["eval", file], file, message);
  });
});
