import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bytesOf } from "../../arrays/index.js";
import { jsonToPickle, type NamedArrays, type PickleValue, readPytorch, writePytorch } from "../index.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-pth-"));
  path = join(folder, "x.pth");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const tensors: NamedArrays = new Map([
  ["float64", { dtype: "float64", shape: [2], data: new Float64Array([Math.PI, -0]) }],
  [
    "float32",
    { dtype: "float32", shape: [2, 1, 2], data: new Float32Array([1.1, Number.NaN, Infinity, 1e-45]) },
  ],
  ["float16", { dtype: "float16", shape: [3], data: new Uint16Array([0x3c00, 0x0001, 0x7bff]) }],
  ["bfloat16", { dtype: "bfloat16", shape: [1], data: new Uint16Array([0xc049]) }],
  ["int64", { dtype: "int64", shape: [], data: new BigInt64Array([-(2n ** 63n)]) }],
  ["int32", { dtype: "int32", shape: [2], data: new Int32Array([-(2 ** 31), 7]) }],
  ["int16", { dtype: "int16", shape: [1], data: new Int16Array([-300]) }],
  ["int8", { dtype: "int8", shape: [3], data: new Int8Array([-128, 0, 127]) }],
  ["uint8", { dtype: "uint8", shape: [300], data: new Uint8Array(300).fill(9) }],
  ["bool", { dtype: "bool", shape: [2], data: new Uint8Array([1, 0]) }],
  ["empty", { dtype: "float32", shape: [0, 3], data: new Float32Array(0) }],
]);
const plain: PickleValue = new Map<string, PickleValue>([
  [
    "numbers",
    [
      0,
      -1,
      255,
      65536,
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 40,
      -(2 ** 40),
      2n ** 70n,
      -(2n ** 63n),
      128,
      -128,
      -129,
    ],
  ],
  ["texts", ["", "Grüße 🙂", "x".repeat(300)]],
  ["flags", [true, false, null]],
  ["nested", new Map<string, PickleValue>([["a", []]])],
]);

describe("writePytorch", () => {
  it("is read back bit by bit", async () => {
    await writePytorch(
      path,
      new Map<string, PickleValue>([
        ["state_dict", tensors],
        ["plain", plain],
        ["float", [0.1, -0, Infinity]],
      ]),
    );
    const { value } = await readPytorch(path);
    const dict = value as Map<string, PickleValue>;
    expect(dict.get("plain")).toEqual(plain);
    expect(dict.get("float")).toEqual([0.1, -0, Infinity]);
    expect([...(dict.get("state_dict") as NamedArrays)]).toEqual([...tensors]);
  });

  it("places every storage at a multiple of 64 bytes and gives equal files for equal content", async () => {
    await writePytorch(path, tensors);
    const first = await readFile(path);
    const { value } = await readPytorch(path);
    for (const { data } of (value as NamedArrays).values())
      if (data.length > 0) expect(data.byteOffset % 64).toBe(0);
    await writePytorch(path, value);
    expect(await readFile(path)).toEqual(first);
  });

  it("turns JSON into dicts and lists", () => {
    expect(jsonToPickle({ a: [1, { b: null }], c: undefined })).toEqual(
      new Map([["a", [1, new Map([["b", null]])]]]),
    );
  });

  it("refuses what a state dict never holds", async () => {
    await expect(writePytorch(path, [new Uint8Array(3)])).rejects.toThrow(/received bytes/);
    const endless: PickleValue[] = [];
    endless.push(endless);
    await expect(writePytorch(path, endless)).rejects.toThrow(/nested too deep/);
  });

  const python = "/usr/bin/python3";
  const hasTorch = spawnSync(python, ["-c", "import torch"]).status === 0;
  it.skipIf(!hasTorch)(
    "is opened bit by bit by torch.load(weights_only=True) (needs python3-torch)",
    async () => {
      await writePytorch(
        path,
        new Map<string, PickleValue>([
          ["state_dict", tensors],
          ["plain", plain],
        ]),
      );
      const program = join(folder, "check.py");
      await writeFile(
        program,
        `import json, sys, torch
value = torch.load(sys.argv[1], weights_only=True)
def raw(t):
    width = {torch.bfloat16: torch.int16, torch.float16: torch.int16, torch.bool: torch.uint8}.get(t.dtype)
    t = t.reshape(-1)
    return (t.view(width) if width else t).numpy().tobytes().hex()
state = {k: [str(t.dtype).split(".")[1], list(t.shape), raw(t)] for k, t in value["state_dict"].items()}
plain = {k: str(v) for k, v in value["plain"].items()}
print(json.dumps([state, plain, type(value["state_dict"]).__name__]))
`,
      );
      const run = spawnSync(python, [program, path], { encoding: "utf8" });
      expect(run.stderr).toBe("");
      const [state, texts, type] = JSON.parse(run.stdout) as [object, Record<string, string>, string];
      const expected = [...tensors].map(([name, array]) => [
        name,
        [array.dtype, array.shape, Buffer.from(bytesOf(array)).toString("hex")],
      ]);
      expect(Object.entries(state)).toEqual(expected);
      expect(type).toBe("OrderedDict");
      expect(texts.numbers).toBe(
        `[${((plain as Map<string, PickleValue>).get("numbers") as number[]).join(", ")}]`,
      );
      expect(texts.flags).toBe("[True, False, None]");
    },
  );
});
