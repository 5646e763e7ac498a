import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { OptionError, ShapeError } from "../errors.js";
import { encodeAnimation, type RgbImage, sideBySide } from "./index.js";

const plain = (height: number, width: number, color: readonly [number, number, number]): RgbImage => ({
  height,
  width,
  data: Uint8Array.from({ length: height * width * 3 }, (_, i) => color[i % 3]!),
});
const red = plain(4, 6, [255, 0, 0]);
const blue = plain(4, 6, [0, 0, 255]);

describe("encodeAnimation", () => {
  it.each(["gif", "webp"])("keeps frames, size, delay and colours as %s", async (format) => {
    const bytes = await encodeAnimation([red, blue, red], { path: `a.${format}`, delayMs: 120 });
    const image = sharp(bytes, { animated: true });
    expect(await image.metadata()).toMatchObject({
      ...{ format, pages: 3, pageHeight: 4, width: 6, delay: [120, 120, 120], loop: 0 },
    });
    const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const pixel = (frame: number) => [...data.subarray(frame * 4 * 6 * info.channels).subarray(0, 3)];
    expect([pixel(0), pixel(1), pixel(2)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
      [255, 0, 0],
    ]);
  });

  it("refuses other formats, no frames, and frames of different sizes", async () => {
    const encode = (frames: RgbImage[], path: string) => encodeAnimation(frames, { path, delayMs: 100 });
    await expect(encode([red], "a.mp4")).rejects.toThrow(OptionError);
    await expect(encode([], "a.gif")).rejects.toThrow(/received none/);
    await expect(encode([red, plain(4, 5, [0, 0, 0])], "a.gif")).rejects.toThrow(/received 4x6 and 4x5/);
  });
});

describe("sideBySide", () => {
  it("puts pictures into a row or a column", () => {
    const across = sideBySide([red, plain(4, 2, [0, 255, 0])], "across");
    expect([across.height, across.width]).toEqual([4, 8]);
    expect([...across.data.subarray((8 + 5) * 3, (8 + 7) * 3)]).toEqual([255, 0, 0, 0, 255, 0]);
    const down = sideBySide([red, blue], "down");
    expect([down.height, down.width]).toEqual([8, 6]);
    expect([...down.data.subarray(4 * 6 * 3).subarray(0, 3)]).toEqual([0, 0, 255]);
    expect(() => sideBySide([red, plain(3, 6, [0, 0, 0])], "across")).toThrow(ShapeError);
  });
});
