/** Words of `snnseg bench` that stand for several values. */
import { describe, expect, it } from "vitest";
import { parseSweep } from "./bench-options.js";

describe("parseSweep", () => {
  it("adds a sweep behind those given before", () => {
    expect(parseSweep("img-size=32,16", parseSweep("timesteps=2", []))).toEqual([
      { name: "timesteps", values: [2] },
      { name: "img-size", values: [32, 16] },
    ]);
  });

  it.each(["depth=1", "timesteps", "timesteps=1,x", "timesteps=0"])("refuses %s", (word) => {
    expect(() => parseSweep(word, [])).toThrow(/timesteps=1,2,4/);
  });
});
