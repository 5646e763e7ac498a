/** Damaged pictures and masks: an error that names the file, or a result of a sane shape; never a crash. */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { SnnsegError } from "../errors.js";
import { Draws } from "../random/index.js";
import { mutated } from "./fixtures/mutate.js";
import { packScanlines, rawPng } from "./fixtures/raw-png.js";
import {
  decodeMask,
  decodePicture,
  encodeMaskPng,
  encodePaletteMaskPng,
  encodePicturePng,
  maxPixels,
} from "./index.js";

const MUTATIONS = 250;
const [WIDTH, HEIGHT] = [24, 17];

const draws = new Draws(1);
const pixels = Uint8Array.from({ length: WIDTH * HEIGHT * 3 }, () => draws.integer(256));
const ids = Array.from({ length: WIDTH * HEIGHT }, (_, i) => (i >> 3) % 4);
const mask = { width: WIDTH, height: HEIGHT, data: Uint8Array.from(ids) };
const raw = sharp(pixels, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
const palette = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3];

/** Runs `decode` on damaged files; returns how many were noticed. */
async function fuzz(
  file: Uint8Array,
  decode: (bytes: Uint8Array) => Promise<{ width: number; height: number; data: ArrayLike<number> }>,
  perPixel: number,
): Promise<number> {
  let noticed = 0;
  for (let seed = 0; seed < MUTATIONS; seed++) {
    try {
      const { width, height, data } = await decode(mutated(file, seed));
      expect(width * height).toBeLessThanOrEqual(maxPixels);
      expect(data.length).toBe(width * height * perPixel);
    } catch (error) {
      expect(error, `mutation ${seed}: ${error}`).toBeInstanceOf(SnnsegError);
      expect((error as Error).message).toContain("damaged.file");
      noticed++;
    }
  }
  return noticed;
}

describe("damaged pictures", () => {
  it.each(["jpeg", "png", "webp", "gif", "tiff"] as const)("%s", async (format) => {
    const file = await raw.clone().toFormat(format).toBuffer();
    const noticed = await fuzz(file, (bytes) => decodePicture(bytes, "damaged.file"), 3);
    expect(noticed).toBeGreaterThan(MUTATIONS / 4);
  });
});

describe("damaged masks", () => {
  const files: [string, Uint8Array][] = [
    ["grey", encodeMaskPng(mask)],
    [
      "palette",
      encodePaletteMaskPng(mask, [
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ],
    ["true colour", encodePicturePng({ ...mask, data: Uint8Array.from(ids.flatMap((id) => [id, id, id])) })],
    ...[1, 2, 4, 16].map((depth): [string, Uint8Array] => {
      const scanlines = packScanlines(
        ids.map((id) => (depth === 1 ? id & 1 : id)),
        WIDTH,
        depth,
      );
      const colourType = depth === 16 ? 0 : 3;
      return [
        `${depth} bits`,
        rawPng({ width: WIDTH, height: HEIGHT, depth, colourType, palette, scanlines }),
      ];
    }),
  ];

  it.each(files)("%s", async (_, file) => {
    const noticed = await fuzz(file, async (bytes) => decodeMask(bytes, "damaged.file"), 1);
    // Checksums cover every byte, so hardly any damage passes.
    expect(noticed).toBeGreaterThan(MUTATIONS * 0.9);
  });
});
