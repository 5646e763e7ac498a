import { readdirSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { sharedData } from "../../tests/shared-data.js";
import { FileError } from "../errors.js";
import { packScanlines, rawPng } from "./fixtures/raw-png.js";
import { rawTiff } from "./fixtures/raw-tiff.js";
import {
  colorKey,
  decodeMask,
  decodePicture,
  decodeStoredMask,
  encodeMaskPng,
  encodePaletteMaskPng,
  encodePicturePng,
  type Rgb,
  readMask,
  readPicture,
} from "./index.js";

const IDS = [0, 1, 2, 3, 1, 2, 3, 0, 3, 2, 1, 0, 0, 0, 3];
const [WIDTH, HEIGHT] = [5, 3];
const painted = [9, 9, 9, 7, 7, 7, 200, 0, 0, 1, 2, 3];

describe("decodeMask", () => {
  it.each([2, 4, 8])("reads palette indices of %i bits whatever the palette paints", (depth) => {
    const scanlines = packScanlines(IDS, WIDTH, depth);
    const png = rawPng({ width: WIDTH, height: HEIGHT, depth, colourType: 3, palette: painted, scanlines });
    expect(decodeMask(png, "m.png")).toEqual({ width: WIDTH, height: HEIGHT, data: Uint8Array.from(IDS) });
  });

  it.each([2, 4, 8])("reads grey values of %i bits unscaled", (depth) => {
    const scanlines = packScanlines(IDS, WIDTH, depth);
    const png = rawPng({ width: WIDTH, height: HEIGHT, depth, colourType: 0, scanlines });
    expect(Array.from(decodeMask(png, "m.png").data)).toEqual(IDS);
  });

  it("reads 1-bit and 16-bit grey values", () => {
    const bits = IDS.map((id) => id & 1);
    const one = rawPng({
      width: 5,
      height: 3,
      depth: 1,
      colourType: 0,
      scanlines: packScanlines(bits, 5, 1),
    });
    expect(Array.from(decodeMask(one, "m.png").data)).toEqual(bits);
    const wide = IDS.map((id) => id * 300);
    const two = rawPng({
      width: 5,
      height: 3,
      depth: 16,
      colourType: 0,
      scanlines: packScanlines(wide, 5, 16),
    });
    expect(decodeMask(two, "m.png").data).toEqual(Uint16Array.from(wide));
  });

  it("reads an interlaced palette mask", async () => {
    const raw = Buffer.from(Array.from({ length: 17 * 11 }, (_, i) => ((i * 7) % 4) * 60));
    const image = sharp(raw, { raw: { width: 17, height: 11, channels: 1 } });
    const plain = decodeMask(await image.clone().png({ progressive: false }).toBuffer(), "plain.png");
    const interlaced = decodeMask(
      await image.clone().png({ progressive: true }).toBuffer(),
      "interlaced.png",
    );
    expect(plain.data).toEqual(Uint8Array.from(raw));
    expect(interlaced).toEqual(plain);
  });

  it.each([
    [8, 8, 4],
    [13, 9, 2],
    [5, 3, 16],
    [1, 1, 2],
    [3, 1, 4],
  ])(
    "reads an interlaced palette mask of few bits, %ix%i with %i colours",
    async (width, height, colours) => {
      const raw = Buffer.from(
        Array.from({ length: width * height }, (_, i) => ((i * 7 + (i >> 3)) % colours) * 16),
      );
      const image = sharp(raw, { raw: { width, height, channels: 1 } });
      const palette = { palette: true, colours, dither: 0 };
      const files = await Promise.all(
        [true, false].map((progressive) =>
          image
            .clone()
            .png({ ...palette, progressive })
            .toBuffer(),
        ),
      );
      const [interlaced, plain] = files.map((png) => decodeStoredMask(png, "i.png"));
      expect(files[0]![24]).toBeLessThan(8);
      expect(files[0]![28]).toBe(1);
      const painted = ({ data, palette: keys }: typeof interlaced & object) =>
        Array.from(data, (index) => keys![index]! & 255);
      expect(painted(interlaced!)).toEqual(Array.from(raw));
      expect(painted(plain!)).toEqual(Array.from(raw));
    },
  );

  it("keeps colours, alpha ignored, and names the pixel where ids are wanted", async () => {
    const rgba = Buffer.from([255, 0, 0, 255, 0, 0, 0, 0, 224, 224, 192, 9, 255, 0, 0, 255]);
    const png = await sharp(rgba, { raw: { width: 2, height: 2, channels: 4 } })
      .png()
      .toBuffer();
    const [red, black, beige] = [
      [255, 0, 0],
      [0, 0, 0],
      [224, 224, 192],
    ].map((color) => colorKey(color as unknown as Rgb));
    expect(Array.from(decodeStoredMask(png, "c.png").data)).toEqual([red, black, beige, red]);
    expect(() => decodeMask(png, "c.png")).toThrow(
      /c\.png: expected a palette or grey mask.*received rgb\(255, 0, 0\) at column 0, row 0/,
    );
  });

  it("takes grey values stored in three equal channels", () => {
    const data = Uint8Array.from(IDS.flatMap((id) => [id, id, id]));
    expect(Array.from(decodeMask(encodePicturePng({ width: 5, height: 3, data }), "g.png").data)).toEqual(
      IDS,
    );
  });

  it("does not believe a header that claims gigabytes, nor data that inflate beyond the header", () => {
    const scanlines = packScanlines(IDS, WIDTH, 8);
    const huge = rawPng({ width: 2 ** 31 - 1, height: 2 ** 31 - 1, depth: 16, colourType: 6, scanlines });
    expect(() => decodeMask(huge, "h.png")).toThrow(
      /h\.png: expected a PNG, received a header that is impossible/,
    );
    const bomb = rawPng({
      width: 5,
      height: 3,
      depth: 8,
      colourType: 0,
      scanlines: new Uint8Array(50_000_000),
    });
    expect(() => decodeMask(bomb, "b.png")).toThrow(/b\.png: expected PNG data of 18 bytes/);
    const short = rawPng({ width: 5, height: 4, depth: 8, colourType: 0, scanlines });
    expect(() => decodeMask(short, "s.png")).toThrow(/s\.png: expected PNG data of 24 bytes, received 18/);
  });

  it("names the file that is missing or is no PNG", async () => {
    await expect(readMask("/nowhere/mask.png")).rejects.toThrow(FileError);
    expect(() => decodeMask(Buffer.from("not a mask at all"), "x.jpg")).toThrow(/x\.jpg: expected a PNG/);
  });
});

describe("encoders", () => {
  it("write what the decoders read back", async () => {
    const mask = { width: WIDTH, height: HEIGHT, data: Uint8Array.from(IDS, (id) => (id === 3 ? 255 : id)) };
    expect(decodeMask(encodeMaskPng(mask), "m.png")).toEqual(mask);
    const palette = encodePaletteMaskPng(mask, [
      [0, 0, 0],
      [250, 1, 2],
      [3, 4, 5],
    ]);
    expect(decodeMask(palette, "p.png")).toEqual(mask);
    const shown = await decodePicture(palette, "p.png");
    expect(Array.from(shown.data.subarray(3, 6))).toEqual([250, 1, 2]);
    const picture = { width: 5, height: 1, data: Uint8Array.from({ length: 15 }, (_, i) => i * 16) };
    expect(await decodePicture(encodePicturePng(picture), "x.png")).toEqual(picture);
  });
});

describe("decodePicture", () => {
  it.each([1, 3])(
    "scales float TIFFs of 0 to 1, keeps those of 0 to 255, with %i channels",
    async (channels) => {
      const shares = [0, 0.5, 1, 0.1, 0.25, 0.75].slice(0, 2 * channels);
      const rgb = (values: readonly number[]) =>
        channels === 3 ? values : values.flatMap((value) => [value, value, value]);
      const decode = (samples: Float32Array) =>
        decodePicture(rawTiff({ width: 2, height: 1, samples }), "f.tif").then(({ data }) =>
          Array.from(data),
        );
      expect(await decode(Float32Array.from(shares))).toEqual(
        rgb(shares.map((share) => Math.round(255 * share))),
      );
      const levels = shares.map((share) => Math.round(200 * share));
      expect(await decode(Float32Array.from(levels))).toEqual(rgb(levels));
    },
  );

  it("refuses TIFFs whose numbers are no colours", async () => {
    const decode = (samples: Parameters<typeof rawTiff>[0]["samples"]) =>
      decodePicture(rawTiff({ width: 2, height: 1, samples }), "n.tif");
    await expect(decode(Float32Array.of(-1, 1))).rejects.toThrow(
      /n\.tif: expected float values .*received -1 to 1/,
    );
    await expect(decode(Float32Array.of(0, 4000))).rejects.toThrow(/received 0 to 4000/);
    await expect(decode(Float32Array.of(Number.NaN, 1))).rejects.toThrow(/received NaN/);
    await expect(decode(Uint32Array.of(1, 2))).rejects.toThrow(/8 or 16 bits or float, received uint/);
    await expect(decode(Int16Array.of(1, 2))).rejects.toThrow(/received short/);
    expect(Array.from((await decode(Uint16Array.of(0, 65_535))).data)).toEqual([0, 0, 0, 255, 255, 255]);
  });

  it("brings grey pictures, transparency and 16 bits to RGB bytes", async () => {
    const grey = await sharp(Buffer.of(10, 200), { raw: { width: 2, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    expect(Array.from((await decodePicture(grey, "g.png")).data)).toEqual([10, 10, 10, 200, 200, 200]);
    const clear = await sharp(Buffer.of(1, 2, 3, 0), { raw: { width: 1, height: 1, channels: 4 } })
      .png()
      .toBuffer();
    expect(Array.from((await decodePicture(clear, "a.png")).data)).toEqual([1, 2, 3]);
  });

  it("makes a truncated JPEG an error that names the file", async () => {
    const pixels = Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 256));
    const jpeg = await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
      .jpeg()
      .toBuffer();
    expect((await decodePicture(jpeg, "ok.jpg")).height).toBe(64);
    for (const length of [0, 10, jpeg.length >> 1, jpeg.length - 40, jpeg.length - 2]) {
      await expect(decodePicture(jpeg.subarray(0, length), "cut.jpg"), `${length} bytes`).rejects.toThrow(
        /decode cut\.jpg: expected a complete picture/,
      );
    }
  });

  it.skipIf(!sharedData)("decodes every picture of a real data set (needs the shared data)", async () => {
    const folder = join(sharedData as string, "voc2012", "JPEGImages");
    const files = readdirSync(folder).slice(0, 40);
    expect(files.length).toBe(40);
    for (const file of files) {
      const { width, height, data } = await readPicture(join(folder, file));
      expect(data.length).toBe(3 * width * height);
    }
  });
});
