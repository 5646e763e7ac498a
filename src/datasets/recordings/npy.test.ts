import { describe, expect, it } from "vitest";
import { DataFormatError } from "../../errors.js";
import { npyOf } from "../fixtures/npy.js";
import { parseNpy } from "./npy.js";

/** Every one is exact in float16: normal, subnormal, largest, negative zero. */
const VALUES = [0, 1, -1, 0.5, 1024, -2.25, 65504, 2 ** -24, -(2 ** -15), 3, 100, -0];
const SHAPE = [2, 3, 2];

describe("parseNpy", () => {
  const types = ["<f2", "<f4", "<f8", ">f4", ">f8"] as const;
  it.each(types)("reads %s in C and Fortran order", (type) => {
    for (const version of [1, 2, 3] as const) {
      for (const fortranOrder of [false, true]) {
        const { shape, data } = parseNpy(npyOf(SHAPE, VALUES, { type, fortranOrder, version }), "a.npy");
        expect(shape).toEqual(SHAPE);
        expect(Array.from(data)).toEqual(VALUES);
      }
    }
  });

  it("reads one axis and none", () => {
    expect(parseNpy(npyOf([3], [1, 2, 3]), "a.npy").shape).toEqual([3]);
    expect(parseNpy(npyOf([], [7]), "a.npy")).toEqual({ shape: [], data: Float32Array.of(7) });
    expect(parseNpy(npyOf([0, 4], []), "a.npy").shape).toEqual([0, 4]);
  });

  it("reads what lies inside a larger buffer", () => {
    const file = npyOf([2], [5, 6]);
    const larger = new Uint8Array(file.length + 7);
    larger.set(file, 7);
    expect(Array.from(parseNpy(larger.subarray(7), "a.npy").data)).toEqual([5, 6]);
  });

  it("refuses other numbers, shapes that the file does not hold, and headers that claim too much", () => {
    const edit = (from: string, to: string) => {
      const text = Buffer.from(npyOf(SHAPE, VALUES)).toString("latin1").replace(from, to);
      return Buffer.from(text, "latin1");
    };
    const attempts: [Uint8Array, RegExp][] = [
      [edit("<f4", "<i4"), /a\.npy: expected a header with float16/],
      [edit("<f4", "|O4"), /numpy\.save/],
      [
        edit("(2, 3, 2)", "(9, 9, 9)"),
        /expected 2916 bytes of numbers for its shape \[9, 9, 9\], received 48/,
      ],
      [edit("(2, 3, 2)", "(99999999999999999999, 3)"), /at most 8 axes of sane length/],
      [edit("(2, 3, 2)", "(1,1,1,1,1,1,1,1,12)"), /at most 8 axes/],
      [edit("(2, 3, 2)", "(-2,3,-2)"), /a header/],
      [Buffer.from("not numpy at all"), /another signature/],
      [npyOf(SHAPE, VALUES).subarray(0, 60), /within the file/],
      [npyOf(SHAPE, VALUES).subarray(0, -1), /received 47 from byte/],
    ];
    for (const [bytes, message] of attempts) {
      expect(() => parseNpy(bytes, "a.npy")).toThrow(message);
      expect(() => parseNpy(bytes, "a.npy")).toThrow(DataFormatError);
    }
    const huge = Buffer.from(npyOf([2], [1, 2], { version: 2 }));
    huge.writeUInt32LE(0xffffffff, 8);
    expect(() => parseNpy(huge, "a.npy")).toThrow(/received 4294967295 at byte 8/);
  });
});
