import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DataFormatError, FileError, OptionError, ShapeError } from "../errors.js";
import { sha256File } from "../files/index.js";
import { type Migration, migrateMeta } from "./checkpoint-versions.js";
import {
  checkCheckpointFits,
  checkpointFile,
  loadCheckpoint,
  type NamedArrays,
  readCheckpointMeta,
  saveCheckpoint,
  writeSafetensors,
} from "./index.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-checkpoint-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const weights = (value: number): NamedArrays =>
  new Map([
    ["features.0.weight", { dtype: "float32", shape: [2, 1], data: new Float32Array([value, -value]) }],
    ["bn_features.0.num_batches_tracked", { dtype: "int64", shape: [], data: new BigInt64Array([3n]) }],
  ]);
const momentum = (value: number): NamedArrays =>
  new Map([
    [
      "momentum.features.0.weight",
      { dtype: "float32", shape: [2, 1], data: new Float32Array(2).fill(value) },
    ],
  ]);
const meta = { epoch: 3, model: { arch: "dl-vgg9" }, scores: { meanIoU: 0.25 }, classes: ["a", "b"] };

describe("saveCheckpoint and loadCheckpoint", () => {
  it("give back weights, optimizer state and metadata from one file", async () => {
    await saveCheckpoint(join(folder, "last"), {
      tensors: weights(1.5),
      optimizer: momentum(0.1),
      thresholds: momentum(3),
      meta,
    });
    await rm(join(folder, "last.json"));
    for (const name of ["last", "last.safetensors", "last.json"]) {
      const checkpoint = await loadCheckpoint(join(folder, name));
      expect(checkpoint.path).toBe(join(folder, "last.safetensors"));
      expect([...checkpoint.tensors]).toEqual([...weights(1.5)]);
      expect([...checkpoint.optimizer]).toEqual([...momentum(0.1)]);
      expect([...checkpoint.thresholds]).toEqual([...momentum(3)]);
      expect(checkpoint.meta).toEqual(meta);
    }
    expect(await readCheckpointMeta(join(folder, "last"))).toEqual(meta);
  });

  it("write a JSON file that names the digest of the file it describes", async () => {
    await saveCheckpoint(join(folder, "best.safetensors"), { tensors: weights(1), meta });
    const sidecar: unknown = JSON.parse(await readFile(join(folder, "best.json"), "utf8"));
    expect(sidecar).toMatchObject({
      format: "snnseg-checkpoint",
      version: 2,
      epoch: 3,
      file: { name: "best.safetensors", sha256: await sha256File(join(folder, "best.safetensors")) },
    });
    expect((await readdir(folder)).sort()).toEqual(["best.json", "best.safetensors"]);
  });

  it("write the same bytes for the same content", async () => {
    await saveCheckpoint(join(folder, "a"), { tensors: weights(1), optimizer: momentum(2), meta });
    const { tensors, optimizer, meta: read } = await loadCheckpoint(join(folder, "a"));
    await saveCheckpoint(join(folder, "b"), { tensors, optimizer, meta: read });
    expect(await sha256File(join(folder, "b.safetensors"))).toBe(
      await sha256File(join(folder, "a.safetensors")),
    );
  });

  it("refuse numbers that JSON would lose, and names that belong to the optimizer", async () => {
    const nan = { tensors: weights(1), meta: { scores: { meanIoU: Number.NaN } } };
    await expect(saveCheckpoint(join(folder, "a"), nan)).rejects.toThrow(
      /finite number for "meanIoU", received NaN/,
    );
    const taken: NamedArrays = new Map([["optimizer.x", [...weights(1).values()][0]!]]);
    await expect(saveCheckpoint(join(folder, "a"), { tensors: taken, meta })).rejects.toThrow(OptionError);
    expect(await readdir(folder)).toEqual([]);
  });

  it("name file, expected and found bytes when the file was cut in half", async () => {
    const path = join(folder, "last.safetensors");
    await saveCheckpoint(path, { tensors: weights(1), meta });
    const whole = await readFile(path);
    await writeFile(path, whole.subarray(0, whole.length - 8));
    const failure = loadCheckpoint(path);
    await expect(failure).rejects.toThrow(DataFormatError);
    await expect(failure).rejects.toThrow(
      /last\.safetensors: expected 16 bytes of data, received 8; the file is cut off/,
    );
  });

  it("name a missing file, and one that is no checkpoint", async () => {
    await expect(loadCheckpoint(join(folder, "none"))).rejects.toThrow(FileError);
    await writeSafetensors(join(folder, "bare.safetensors"), weights(1));
    await expect(loadCheckpoint(join(folder, "bare"))).rejects.toThrow(/checkpoint import/);
    await writeSafetensors(join(folder, "odd.safetensors"), weights(1), { snnseg: '{"format":"other"}' });
    await expect(loadCheckpoint(join(folder, "odd"))).rejects.toThrow(/format "snnseg-checkpoint"/);
  });
});

describe("versions", () => {
  it("refuse a file from the future", async () => {
    const text = JSON.stringify({ format: "snnseg-checkpoint", version: 99 });
    await writeSafetensors(join(folder, "new.safetensors"), weights(1), { snnseg: text });
    await expect(loadCheckpoint(join(folder, "new"))).rejects.toThrow(
      /version 2 or older, received 99; update snnseg/,
    );
  });

  it("keep the labels that networks of version 1 have learnt: at the corner of their pixels", () => {
    const read = (more: object) => migrateMeta({ version: 1, ...more }, { file: "x" });
    const config = { dataset: "folder", labelPixel: "corner" };
    expect(read({ config: { dataset: "folder" } })).toEqual({ version: 2, config });
    expect(read({ config: { dataset: "digits" } }).config).toEqual({ dataset: "digits" });
    expect(read({})).toEqual({ version: 2 });
  });

  it("go through every step from an old one", () => {
    const steps = new Map<number, Migration>([
      [1, ({ lr, ...rest }) => ({ ...rest, learningRate: lr })],
      [2, (old) => ({ ...old, history: [] })],
    ]);
    const migrated = migrateMeta({ version: 1, lr: 0.1 }, { file: "x", steps, target: 3 });
    expect(migrated).toEqual({ version: 3, learningRate: 0.1, history: [] });
    expect(() => migrateMeta({ version: 0 }, { file: "x" })).toThrow(/known version, received 0/);
    expect(() => migrateMeta({ version: "1" }, { file: "x" })).toThrow(DataFormatError);
  });
});

describe("checkCheckpointFits", () => {
  const expected = new Map([
    ["features.0.weight", [2, 1]],
    ["bn_features.0.num_batches_tracked", []],
  ]);
  it("accepts the right arrays", () => {
    expect(() => checkCheckpointFits(expected, weights(1), { path: "x" })).not.toThrow();
  });

  it("names the first keys of each kind of misfit", () => {
    const other = new Map<string, number[]>([["features.0.weight", [3, 1]]]);
    for (const name of ["a", "b", "c", "d", "e"]) other.set(name, [1]);
    const check = () =>
      checkCheckpointFits(other, weights(1), { path: "best.safetensors", network: "dl-vgg16" });
    expect(check).toThrow(ShapeError);
    expect(check).toThrow(
      /best\.safetensors: expected the 6 arrays of dl-vgg16, received 2 .*missing: a, b, c and 2 more; unexpected: bn_features\.0\.num_batches_tracked; other shape: features\.0\.weight is \[2, 1\] instead of \[3, 1\]/,
    );
  });
});

describe("checkpointFile", () => {
  it("finds the file behind a run folder, a base name, a file", async () => {
    await mkdir(join(folder, "run/checkpoints"), { recursive: true });
    const last = join(folder, "run/checkpoints/last.safetensors");
    await saveCheckpoint(last, { tensors: weights(1), meta });
    expect(await checkpointFile(join(folder, "run"))).toBe(last);
    expect(await checkpointFile(last.replace(".safetensors", ""))).toBe(last);
    await saveCheckpoint(last.replace("last", "best"), { tensors: weights(1), meta });
    expect(await checkpointFile(join(folder, "run"))).toBe(last.replace("last", "best"));
    expect(await checkpointFile(join(folder, "run"), { prefer: "last" })).toBe(last);
    await expect(checkpointFile(join(folder, "none"))).rejects.toThrow(/expected .*none\.safetensors/);
  });
});
