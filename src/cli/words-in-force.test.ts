/** Words of a command are in force or refused. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeTinyData } from "../../tests/cli/tiny-data.js";
import { digitsOptions, runCommand, savedConfigs, saveNetwork } from "../../tests/saved-network.js";
import { encodePicturePng } from "../images/index.js";

let folder = "";
const at = (name: string) => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-words-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it.each([
  [
    ["convert", "x", "--percentile", "0.9"],
    /--percentile: expected --method percentile or initial, or --curve/,
  ],
  [
    ["convert", "x", "--method", "initial", "--reset"],
    /--reset: expected --method paper.*received --method initial/,
  ],
  [
    ["convert", "x", "--percentile", "0.9", "--curve", "calibrate"],
    /--percentile: expected --method percentile.*received --method paper, and --curve calibrate/,
  ],
  [["convert", "x", "--direct", "y"], /--direct: expected --curve/],
  [["convert", "x", "--curve-to", "8"], /--curve-to: expected --curve/],
  [["energy", "x", "--print-constants"], /--print-constants: expected nothing else.*received x/],
  [
    ["data", "show", "--dataset", "events", "--root", "nowhere", "--examples", "a"],
    /--examples: expected labelled/,
  ],
  [["eval", "x", "--pictures", "2"], /--pictures: expected --picture FILE/],
  [["eval", "x", "--examples", "a"], /--examples: expected --picture FILE/],
  [["robustness", "x", "--noise", "blur=1", "--seeds", "2"], /--seeds: expected random noise/],
])("refuses %j", async (argv, message) => {
  const { code, err } = await runCommand(...argv);
  expect(err).toMatch(message);
  expect(err).toMatch(/^error: [^\n]*\n$/);
  expect(code).toBe(2);
});

it("takes a list for the split that is asked for, also where it is the one trained on", async () => {
  const root = writeTinyData(at("data"));
  await writeFile(at("one.txt"), "images/train-1.png masks/train-1.png\n");
  const network = { ...savedConfigs.ann, numClasses: 2 };
  const { digitsTrain: _, digitsVal: __, ...options } = digitsOptions;
  const config = { ...options, dataset: "folder", root };
  const file = `${await saveNetwork(at("listed"), network, { config })}.safetensors`;
  const examples = async (...words: string[]) => {
    const { code, out, err } = await runCommand("eval", file, "--json", ...words);
    expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
    return JSON.parse(out).examples;
  };
  expect(await examples("--split", "train")).toBe(6);
  expect(await examples("--split", "train", "--eval-list", at("one.txt"))).toBe(1);
  expect(await examples("--eval-list", at("one.txt"))).toBe(1);
}, 240_000);

it("predicts with what is asked for, or says what it computes instead", async () => {
  const file = `${await saveNetwork(at("ann"), savedConfigs.ann)}.safetensors`;
  const upright = Buffer.from(encodePicturePng({ height: 8, width: 16, data: new Uint8Array(8 * 16 * 3) }));
  await writeFile(at("turned.png"), await sharp(upright).withMetadata({ orientation: 6 }).png().toBuffer());
  const predict = async (...words: string[]) => {
    const { code, out, err } = await runCommand(
      "predict",
      file,
      at("turned.png"),
      "--json",
      "-o",
      at("masks"),
      ...words,
    );
    expect(code, err).toBe(0);
    return { err, size: JSON.parse(out).pictures[0].size };
  };
  const usual = await predict();
  expect(usual).toMatchObject({ size: [16, 8], err: expect.not.stringContaining("--precision") });
  expect((await predict("--orientation", "stored")).size).toEqual([8, 16]);
  const asked = await predict("--precision", "int8");
  expect(asked.err).toMatch(/--precision int8: computing in fp32, since .*it is an ANN/);
  expect((await predict("--explain")).err).toMatch(/--precision fast: computing in fp32/);
}, 240_000);

it("leaves no batch norm out of a network that has none", async () => {
  const file = `${await saveNetwork(at("bare"), { ...savedConfigs.ann, batchNorm: false })}.safetensors`;
  const { code, err } = await runCommand("convert", file, "--ignore-batch-norm");
  expect(err).toMatch(/^error: --ignore-batch-norm: expected an ANN with batch norm, received .*bare/);
  expect(code).toBe(2);
}, 240_000);

it("says which noise it leaves out for an ANN beside others", async () => {
  const file = `${await saveNetwork(at("plain"), savedConfigs.ann)}.safetensors`;
  const noise = ["--noise", "blur=1", "--noise", "leak=0.5"];
  const { code, out, err } = await runCommand("robustness", file, ...noise, "--json");
  expect(code, err).toBe(0);
  expect(JSON.parse(out).runs[0].curves.map(({ kind }: { kind: string }) => kind)).toEqual(["blur"]);
  expect(err).toMatch(/--noise leak: left out for .*plain\.safetensors, an ANN/);
}, 240_000);

it("takes the options of a run that a config file begins with", async () => {
  const network = { ...savedConfigs.snn, leak: 0.5 };
  const initFrom = `${await saveNetwork(at("start"), network)}.safetensors`;
  await writeFile(at("config.json"), JSON.stringify({ initFrom, epochs: 1, threshold: 2 }));
  const { code, err } = await runCommand(
    "train",
    "--config",
    at("config.json"),
    "--run",
    at("run"),
    "--pictures",
    "0",
  );
  expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
  const { options } = JSON.parse(await readFile(join(at("run"), "config.json"), "utf8"));
  expect(options).toMatchObject({ dataset: "digits", imgSize: [16, 16], leak: 0.5, threshold: 2 });
}, 240_000);
