import { describe, expect, it } from "vitest";
import { Draws } from "../random/index.js";
import { latin1Bytes } from "./latin1.js";
import { mostColumns, readFields } from "./text-fields.js";

function fieldsOf(line: string): number[] {
  const into = new Float64Array(mostColumns);
  const bytes = latin1Bytes(line);
  return [...into.subarray(0, readFields(bytes, 0, bytes.length, into))];
}

describe("the numbers of a line", () => {
  it("are to the last bit those that JavaScript reads, however they are written", () => {
    const draws = new Draws(5);
    for (let i = 0; i < 3000; i++) {
      const value = (draws.between(-1, 1) * 10 ** draws.integer(20)) / 10 ** draws.integer(12);
      const texts = [
        ...[String(value), value.toExponential(18), value.toExponential(3).toUpperCase()],
        ...[
          value.toFixed(6),
          value.toFixed(0),
          `${Math.trunc(value)}.`,
          `${value.toFixed(2)}000000000000e-3`,
        ],
      ];
      expect([value, fieldsOf(texts.join(" "))]).toEqual([value, texts.map(Number)]);
    }
  });

  it("are no others: a line with another word has no fields", () => {
    expect(fieldsOf("1,True;-2.5e1\t+3")).toEqual([1, 1, -25, 3]);
    for (const word of ["1e", "1e+", "e5", ".", "-", "1.5x", "1e5000", "1e5.0", "0x10", "--1"]) {
      expect([word, fieldsOf(`1 ${word} 2`)]).toEqual([word, []]);
    }
  });
});
