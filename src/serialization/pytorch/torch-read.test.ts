/** Files written by PyTorch itself (see scripts/fixtures/make-pytorch-fixtures.py) must come in bit by bit. */
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../arrays/index.js";
import { isTensor, type NamedArrays, type PickleValue, readPytorch } from "../index.js";

const folder = fileURLToPath(new URL("../fixtures/", import.meta.url));
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".pth"))
  .map((name) => name.slice(0, -4));

/** A value in the words of the script's `describe`. */
function describeValue(value: PickleValue): unknown {
  if (typeof value === "bigint") return { bigint: `${value}` };
  if (typeof value === "number" && !Number.isFinite(value)) return { number: `${value}` };
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") };
  if (value instanceof Map) return { dict: [...value].map(([key, item]) => [key, describeValue(item)]) };
  if (isTensor(value)) {
    const bytes = Buffer.from(bytesOf(value)).toString("hex");
    return { dtype: value.dtype, shape: value.shape, bytes };
  }
  return { list: value.map(describeValue) };
}

describe("readPytorch", () => {
  it.each(names)("reads %s bit by bit", async (name) => {
    const { value, format } = await readPytorch(`${folder}${name}.pth`);
    expect(describeValue(value)).toEqual(JSON.parse(await readFile(`${folder}${name}.json`, "utf8")));
    expect(format).toBe(name.endsWith("legacy") ? "legacy" : "zip");
  });

  it("covers both formats, three protocols, foreign byte order and compression", () => {
    expect(names).toEqual(
      expect.arrayContaining([
        "types-zip",
        "types-legacy",
        "types-protocol4",
        "values-protocol5",
        "float32-big-endian",
        "float32-deflated",
      ]),
    );
  });

  it("lets tensors that share a storage share their memory, without a copy", async () => {
    const { value } = await readPytorch(`${folder}types-zip.pth`);
    const tensors = value as NamedArrays;
    const whole = tensors.get("shared.whole")!.data;
    const part = tensors.get("shared.part")!.data;
    expect(part.buffer).toBe(whole.buffer);
    expect(part.byteOffset - whole.byteOffset).toBe(16 * 4);
    expect(tensors.get("shared.transposed")!.data.buffer).not.toBe(whole.buffer);
  });
});
