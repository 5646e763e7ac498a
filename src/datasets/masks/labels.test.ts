/** One mask, however it is stored, has one meaning, or an error says that it has two. */
import { describe, expect, it } from "vitest";
import { packScanlines, rawPng } from "../../images/fixtures/raw-png.js";
import { decodeStoredMask, encodeMaskPng, encodePicturePng } from "../../images/index.js";
import { labelsOfMask } from "./labels.js";
import { type MaskCode, plainMaskCode } from "./mask-code.js";

const [black, white, red] = [0x000000, 0xffffff, 0xff0000];
const size = { height: 1, width: 4 };
const bytesOf = (key: number) => [key >> 16, (key >> 8) & 255, key & 255];

const grey = (values: readonly number[]) => encodeMaskPng({ ...size, data: Uint8Array.from(values) });
const color = (keys: readonly number[]) =>
  encodePicturePng({ ...size, data: Uint8Array.from(keys.flatMap(bytesOf)) });
const palette = (indices: readonly number[], keys: readonly number[]) =>
  rawPng({
    ...{ ...size, depth: 8, colourType: 3, palette: keys.flatMap(bytesOf) },
    scanlines: packScanlines(indices, 4, 8),
  });

const labels = (png: Uint8Array, code: MaskCode) =>
  Array.from(labelsOfMask(decodeStoredMask(png, "m.png"), code, "m.png").data);
const codeOf = (colors: readonly number[], more: Partial<MaskCode> = {}): MaskCode => ({
  values: new Map([
    [0, 0],
    [1, 1],
  ]),
  colors: new Map(colors.map((key, label) => [key, label])),
  ...more,
});

describe("a black and white mask under the colours black and white", () => {
  const code = codeOf([black, white]);
  const truth = [0, 1, 1, 0];

  it("has the same labels as grey, true colour and palette, whatever the indices", () => {
    expect(labels(grey([0, 255, 255, 0]), code)).toEqual(truth);
    expect(labels(color([black, white, white, black]), code)).toEqual(truth);
    expect(labels(palette([0, 1, 1, 0], [black, white]), code)).toEqual(truth);
    expect(labels(palette([2, 3, 3, 2], [red, red, black, white]), code)).toEqual(truth);
  });

  it("may also hold ids, as grey values, equal channels or indices", () => {
    expect(labels(grey(truth), code)).toEqual(truth);
    expect(labels(color(truth.map((id) => id * 0x010101)), code)).toEqual(truth);
    expect(labels(palette(truth, [red, 0x00ff00]), code)).toEqual(truth);
    expect(labels(palette(truth, [0, 0x010101]), code)).toEqual(truth);
  });

  it("is refused where indices and colours contradict each other, and read as it is told", () => {
    const inverted = palette([1, 0, 0, 1], [white, black]);
    expect(() => labels(inverted, code)).toThrow(
      /m\.png: .*contradiction: index 0 in rgb\(255, 255, 255\) is class 0 by its value and class 1 by `colors`.*"masks"/,
    );
    expect(labels(inverted, { ...code, reading: "colors" })).toEqual(truth);
    expect(labels(inverted, { ...code, reading: "ids" })).toEqual([1, 0, 0, 1]);
  });

  it("is refused where a palette paints an id in the colour of another, though others are in no colour", () => {
    const code3 = { ...code, values: new Map([...code.values, [2, 255]]) };
    expect(() => labels(palette([0, 1, 2, 2], [white, black, red]), code3)).toThrow(/contradiction/);
  });
});

describe("grey ids where black is the colour of another class", () => {
  const code = codeOf([red, black]);

  it("are ids as soon as one of them is no colour, and refused where all could be colours", () => {
    expect(labels(grey([0, 1, 0, 1]), code)).toEqual([0, 1, 0, 1]);
    expect(() => labels(grey([0, 0, 0, 0]), code)).toThrow(/contradiction/);
    expect(() => labels(color([0, 0, 0, 0]), code)).toThrow(/contradiction/);
  });
});

describe("what has no meaning", () => {
  it("is named with file, pixel and what is known", () => {
    expect(() => labels(grey([0, 1, 1, 7]), plainMaskCode(2))).toThrow(
      /m\.png: expected ids 0 to 1 or void 255, received 7 at column 3, row 0/,
    );
    expect(() => labels(color([black, white, 0x010203, black]), codeOf([black, white]))).toThrow(
      /one of the data set's 2 colours, received rgb\(1, 2, 3\) at column 2, row 0/,
    );
    const byColor = codeOf([black, white], { reading: "colors" });
    expect(() => labels(palette([0, 1, 1, 0], [black, red]), byColor)).toThrow(
      /received rgb\(255, 0, 0\) at column 1/,
    );
    expect(() => labels(color([red, red, red, red]), plainMaskCode(2))).toThrow(/palette or grey mask/);
  });
});
