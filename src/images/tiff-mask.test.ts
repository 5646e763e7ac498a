import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, describe, expect, it } from "vitest";
import { DataFormatError } from "../errors.js";
import { rawTiff } from "./fixtures/raw-tiff.js";
import { colorKey, readStoredMask } from "./index.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-tiff-"));
afterAll(() => rmSync(folder, { recursive: true }));
const read = (bytes: Uint8Array) => {
  const path = join(folder, "m.tif");
  writeFileSync(path, bytes);
  return readStoredMask(path);
};

describe("masks from TIFF", () => {
  it.each(["none", "lzw", "deflate", "packbits"])("keep 8-bit values, %s", async (compression) => {
    const data = Uint8Array.of(0, 1, 2, 3, 254, 255);
    const grey = sharp(data, { raw: { width: 3, height: 2, channels: 1 } }).toColourspace("b-w");
    const tiff = await grey.tiff({ compression: compression as "none" }).toBuffer();
    expect(await read(tiff)).toEqual({ height: 2, width: 3, kind: "grey", data });
  });

  it("keep 16-bit values and colours", async () => {
    const samples = Uint16Array.of(0, 1, 300, 3, 4, 65_535);
    expect(await read(rawTiff({ width: 3, height: 2, samples }))).toEqual({
      ...{ height: 2, width: 3, kind: "grey" },
      data: samples,
    });
    const data = Uint8Array.of(1, 2, 3, 250, 0, 255);
    const colours = await sharp(data, { raw: { width: 2, height: 1, channels: 3 } })
      .tiff({ compression: "none" })
      .toBuffer();
    const keys = Uint32Array.of(colorKey([1, 2, 3]), colorKey([250, 0, 255]));
    expect(await read(colours)).toEqual({ height: 1, width: 2, kind: "color", data: keys });
  });

  it("are refused where reading would change values, or when damaged", async () => {
    const bits = await sharp(Uint8Array.of(0, 255), { raw: { width: 2, height: 1, channels: 1 } })
      .toColourspace("b-w")
      .tiff({ bitdepth: 1, compression: "none" })
      .toBuffer();
    await expect(read(bits)).rejects.toThrow(/m\.tif: expected a TIFF mask .* 1 bits .*save it as PNG/);
    const real = rawTiff({ width: 2, height: 1, samples: Float32Array.of(0, 1) });
    await expect(read(real)).rejects.toThrow(/32 bits \(float\)/);
    await expect(read(real.subarray(0, 12))).rejects.toThrow(DataFormatError);
  });
});
