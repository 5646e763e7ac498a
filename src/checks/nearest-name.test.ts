import { describe, expect, it } from "vitest";
import { configKeys, flagOf, keyOf } from "../config/index.js";
import { nearestName, suggestion } from "./nearest-name.js";

describe("nearestName", () => {
  it("finds typing slips: a wrong, missing, extra or swapped letter", () => {
    const names = ["timesteps", "threshold", "threads"];
    expect(nearestName("timestep", names)).toBe("timesteps");
    expect(nearestName("treshold", names)).toBe("threshold");
    expect(nearestName("thraeds", names)).toBe("threads");
  });

  it("suggests nothing where nothing is near", () => {
    expect(nearestName("banana", ["epochs", "seed"])).toBeUndefined();
    expect(suggestion("banana", ["epochs", "seed"])).toBe("choose one of epochs, seed");
  });
});

describe("names", () => {
  it("turns every option's name into a flag and back", () => {
    for (const key of configKeys) expect(keyOf(flagOf(key))).toBe(key);
    expect(flagOf("imgSize")).toBe("--img-size");
    expect(keyOf("img_size")).toBe("imgSize");
  });
});
