/** Pictures and masks are held as viewers hold them. */
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { decodeMask, decodePicture, decodeStoredMask } from "./index.js";
import { exifOrientation } from "./orientation.js";

const [width, height] = [5, 3];
const ids = Uint8Array.from({ length: width * height }, (_, i) => i * 10);
const source = sharp(ids, { raw: { width, height, channels: 1 } }).toColourspace("b-w");

describe.each([1, 2, 3, 4, 5, 6, 7, 8])("EXIF orientation %i", (orientation) => {
  const file = () => source.clone().withMetadata({ orientation }).png().toBuffer();

  it("turns masks as libvips turns pictures, unless they are wanted as stored", async () => {
    const png = await file();
    const shown = await sharp(png).autoOrient().extractChannel(0).raw().toBuffer({ resolveWithObject: true });
    const mask = decodeMask(png, "m.png");
    expect([mask.height, mask.width]).toEqual([shown.info.height, shown.info.width]);
    expect(Array.from(mask.data)).toEqual(Array.from(shown.data));
    const stored = decodeStoredMask(png, "m.png", { orientation: "stored" });
    expect(Array.from(stored.data, (key) => key & 255)).toEqual(Array.from(ids));
  });

  it("turns pictures, unless they are wanted as stored", async () => {
    const jpeg = await source.clone().withMetadata({ orientation }).jpeg().toBuffer();
    const turned = await decodePicture(jpeg, "p.jpg");
    expect([turned.height, turned.width]).toEqual(orientation >= 5 ? [5, 3] : [3, 5]);
    const stored = await decodePicture(jpeg, "p.jpg", { orientation: "stored" });
    expect([stored.height, stored.width]).toEqual([3, 5]);
  });
});

describe("exifOrientation", () => {
  it("takes a damaged block for none, as viewers do", () => {
    expect(exifOrientation(new Uint8Array(0))).toBe(1);
    expect(exifOrientation(Uint8Array.from({ length: 40 }, (_, i) => 255 - i))).toBe(1);
    const entry = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 99, 0, 0];
    expect(exifOrientation(Uint8Array.from(entry))).toBe(1);
    entry[19] = 8;
    expect(exifOrientation(Uint8Array.from(entry))).toBe(8);
  });
});
