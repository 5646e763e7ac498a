import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { sharedGolden } from "../../tests/shared-data.js";
import { DataFormatError, ShapeError } from "../errors.js";
import { sha256File } from "../files/index.js";
import {
  fromBfloat16,
  fromFloat16,
  type NamedArrays,
  readSafetensors,
  readSafetensorsArray,
  readSafetensorsHeader,
  toFloat32,
  writeSafetensors,
} from "./index.js";

let folder = "";
let path = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-safetensors-"));
  path = join(folder, "x.safetensors");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Every element type, odd lengths, a scalar, an empty array. */
function everyType(): NamedArrays {
  return new Map([
    ["bool", { dtype: "bool", shape: [3], data: new Uint8Array([1, 0, 1]) }],
    [
      "f32",
      { dtype: "float32", shape: [2, 3], data: new Float32Array([1, -2, 3.5, Number.NaN, Infinity, -0]) },
    ],
    ["u8", { dtype: "uint8", shape: [5], data: new Uint8Array([0, 1, 2, 254, 255]) }],
    ["f64", { dtype: "float64", shape: [1, 1], data: new Float64Array([Math.PI]) }],
    ["f16", { dtype: "float16", shape: [3], data: new Uint16Array([0x3c00, 0xc000, 0x7bff]) }],
    ["bf16", { dtype: "bfloat16", shape: [1], data: new Uint16Array([0x3f80]) }],
    ["i64", { dtype: "int64", shape: [], data: new BigInt64Array([-(2n ** 63n)]) }],
    ["i32", { dtype: "int32", shape: [2], data: new Int32Array([-1, 2 ** 31 - 1]) }],
    ["i16", { dtype: "int16", shape: [1], data: new Int16Array([-300]) }],
    ["i8", { dtype: "int8", shape: [3], data: new Int8Array([-128, 0, 127]) }],
    ["empty", { dtype: "float32", shape: [0, 4], data: new Float32Array(0) }],
    ['ключ "1"', { dtype: "float32", shape: [1], data: new Float32Array([7]) }],
  ]);
}

/** A file with the given header text and number of data bytes. */
async function craft(
  header: string | object,
  dataBytes: number,
  { length }: { length?: number | bigint } = {},
) {
  const json = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const start = Buffer.alloc(8);
  start.writeBigUInt64LE(BigInt(length ?? json.length));
  await writeFile(path, Buffer.concat([start, json, Buffer.alloc(dataBytes, 7)]));
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: "F32",
  shape,
  data_offsets: [begin, end],
});

describe("safetensors", () => {
  it("gives back what was written: every type, order, metadata, digest", async () => {
    const written = await writeSafetensors(path, everyType(), { format: "pt", note: "ü" });
    const { tensors, metadata } = await readSafetensors(path);
    expect([...tensors]).toEqual([...everyType()]);
    expect(metadata).toEqual({ format: "pt", note: "ü" });
    expect(written).toEqual({ bytes: (await readFile(path)).length, sha256: await sha256File(path) });
    const header = await readSafetensorsHeader(path);
    expect(header.dataStart % 64).toBe(0);
    expect(header.entries.get("f32")?.shape).toEqual([2, 3]);
    expect(await readSafetensorsArray(path, "i16")).toEqual(everyType().get("i16"));
  });

  it("hands out views of one buffer, not copies", async () => {
    await writeSafetensors(path, everyType());
    const { tensors } = await readSafetensors(path);
    expect(new Set([...tensors.values()].map(({ data }) => data.buffer)).size).toBe(1);
  });

  it("reads arrays at odd offsets, as other writers may place them", async () => {
    await craft({ a: { dtype: "U8", shape: [3], data_offsets: [0, 3] }, b: f32([1], 3, 7) }, 7);
    const { tensors } = await readSafetensors(path);
    const bits = new Uint32Array((tensors.get("b")!.data as Float32Array).buffer);
    expect([...bits]).toEqual([0x07070707]);
  });

  it.skipIf(!sharedGolden)("reads the golden files (needs the golden folder)", async () => {
    const files = (await readdir(sharedGolden!)).filter((name) => name.endsWith(".safetensors"));
    expect(files.length).toBeGreaterThan(0);
    for (const name of files) {
      const { tensors } = await readSafetensors(join(sharedGolden!, name));
      expect(tensors.size).toBeGreaterThan(0);
    }
  });

  it("refuses to write an array whose data contradicts its shape, and keeps the old file", async () => {
    await writeSafetensors(path, everyType());
    const before = await sha256File(path);
    const wrong: NamedArrays = new Map([["w", { dtype: "float32", shape: [2], data: new Float32Array(3) }]]);
    await expect(writeSafetensors(path, wrong)).rejects.toThrow(ShapeError);
    const reserved: NamedArrays = new Map([
      ["__metadata__", { dtype: "bool", shape: [], data: new Uint8Array(1) }],
    ]);
    await expect(writeSafetensors(path, reserved)).rejects.toThrow(/reserved/);
    expect(await sha256File(path)).toBe(before);
  });

  const lies: [
    what: string,
    header: string | object,
    dataBytes: number,
    message: RegExp,
    length?: number | bigint,
  ][] = [
    ["a file of text", "hello", 0, /2 to 100000000 bytes, received a length/, 0x6f6c6c65686f6c6cn],
    ["a header longer than the file", {}, 0, /5000 bytes for the header alone, received a file of 10/, 4992],
    ["a header of the largest length there is", {}, 0, /2 to 100000000/, 2n ** 64n - 1n],
    ["an empty header", "", 4, /2 to 100000000/],
    ["a header that is no JSON", "{]", 0, /JSON object as header/],
    ["a header that is a list", "[]", 0, /JSON object as header/],
    ["deeply nested JSON", "[".repeat(200_000), 0, /JSON object as header/],
    ["an entry that is no object", { a: null }, 0, /"a" of type/],
    [
      "an unknown type",
      { a: { dtype: "F8_E4M3", shape: [1], data_offsets: [0, 1] } },
      1,
      /F64, F32.*"F8_E4M3"/,
    ],
    ["a negative side", { a: f32([-1, -4], 0, 16) }, 16, /shape and two offsets/],
    ["a fractional side", { a: f32([1.5], 0, 6) }, 6, /shape and two offsets/],
    ["sides whose product overflows", { a: f32([2 ** 40, 2 ** 40], 0, 0) }, 0, /shape and two offsets/],
    ["a huge shape over few bytes", { a: f32([1e9], 0, 8) }, 8, /4000000000 bytes for array "a".*received 8/],
    ["offsets backwards", { a: f32([1], 4, 0) }, 4, /two offsets/],
    ["offsets as texts", { a: f32([1], "0", "4") }, 4, /two offsets/],
    ["offsets past the end", { a: f32([4], 0, 16) }, 8, /16 bytes of data, received 8; the file is cut off/],
    [
      "overlapping arrays",
      { a: f32([2], 0, 8), b: f32([2], 4, 12) },
      12,
      /"b" to begin at 8, received 4; it overlaps/,
    ],
    ["two names for the same bytes", { a: f32([2], 0, 8), b: f32([2], 0, 8) }, 8, /overlaps/],
    ["a gap", { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, /gap/],
    ["bytes that nobody owns", { a: f32([1], 0, 4) }, 9, /4 bytes of data, received 9/],
    ["metadata that is no text", { __metadata__: { a: 1 } }, 0, /__metadata__/],
    [
      "a name given twice",
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}',
      2,
      /begin at 0, received 1/,
    ],
  ];
  it.each(lies)("refuses %s", async (_, header, dataBytes, message, length) => {
    await craft(header, dataBytes, length === undefined ? {} : { length });
    const failure = readSafetensors(path);
    await expect(failure).rejects.toThrow(DataFormatError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toThrow(path);
  });

  it("refuses a file cut off anywhere, naming expected and found bytes", async () => {
    await writeSafetensors(path, everyType());
    const whole = await readFile(path);
    for (let size = 0; size < whole.length; size += 13) {
      await writeFile(path, whole.subarray(0, size));
      await expect(readSafetensors(path)).rejects.toThrow(/expected .*\d.* bytes?.*received/);
    }
  });

  it("never fails other than by refusal, whatever bits are flipped (seeded fuzz)", async () => {
    await writeSafetensors(path, everyType(), { a: "b" });
    const whole = await readFile(path);
    let state = 1;
    const draw = (n: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * n);
    };
    const headerEnd = (await readSafetensorsHeader(path)).dataStart;
    let refused = 0;
    for (let round = 0; round < 400; round++) {
      const copy = Buffer.from(whole);
      for (let flips = 1 + draw(3); flips > 0; flips--) copy[draw(headerEnd)]! ^= 1 << draw(8);
      await writeFile(path, copy);
      await readSafetensors(path).catch((error: unknown) => {
        expect(error).toBeInstanceOf(DataFormatError);
        refused++;
      });
    }
    expect(refused).toBeGreaterThan(100);
  });
});

describe("16-bit floats", () => {
  it("match their definitions at the edges", () => {
    expect([0x3c00, 0xbc00, 0x0001, 0x0400, 0x7bff, 0x7c00, 0x8000].map(fromFloat16)).toEqual([
      1,
      -1,
      2 ** -24,
      2 ** -14,
      65504,
      Infinity,
      -0,
    ]);
    expect(fromFloat16(0x7e00)).toBeNaN();
    expect([0x3f80, 0xc049, 0x7f80].map(fromBfloat16)).toEqual([1, -3.140625, Infinity]);
  });

  it("convert whole arrays", () => {
    const tensors = everyType();
    expect([...toFloat32(tensors.get("f16")!)]).toEqual([1, -2, 65504]);
    expect([...toFloat32(tensors.get("i64")!)]).toEqual([-(2 ** 63)]);
    expect([...toFloat32(tensors.get("i8")!)]).toEqual([-128, 0, 127]);
  });
});
