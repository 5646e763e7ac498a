import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { parseInk } from "./embedded-ink.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const folder = createRequire(import.meta.url)
  .resolve("mnist/src/digits/0.json")
  .replace(/0\.json$/, "");

describe("ink of the package mnist", () => {
  it.each([0, 5, 9])("is what JSON.parse reads: digit %i", (digit) => {
    const path = `${folder}${digit}.json`;
    expect(existsSync(path)).toBe(true);
    const { data } = JSON.parse(readFileSync(path, "utf8")) as { readonly data: readonly number[] };
    const expected = Uint8Array.from(data, (ink) => Math.round(ink * 255));
    expect(parseInk(readFileSync(path), path)).toEqual(expected);
  });

  it("is read with spaces, and is refused where it is something else or ends early", () => {
    expect(parseInk(bytes('{ "data": [ 0,\n 0.5 , 1 ] }'), "f")).toEqual(Uint8Array.of(0, 128, 255));
    for (const text of ["", "{}", "[0,1", "[0,-1]", '["0"]', "[1e-3]"])
      expect(() => parseInk(bytes(text), "f.json")).toThrow(/^read f\.json: expected a list of numbers/);
  });
});
