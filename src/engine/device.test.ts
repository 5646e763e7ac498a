import { describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { checkDevice } from "./device.js";
import { ones, toDevice } from "./ops/create.js";
import { hasCuda } from "./runtime.js";
import { scope } from "./scope.js";

describe("checkDevice", () => {
  it("takes the CPU and refuses what is no device", () => {
    expect(() => checkDevice("cpu")).not.toThrow();
    for (const device of ["gpu", "cuda:", "cuda:x", "cuda:-1", ""]) {
      expect(() => checkDevice(device)).toThrow(OptionError);
    }
  });

  it.skipIf(hasCuda())("says in one sentence why there is no CUDA (skipped where there is)", () => {
    const sentence =
      /^device: expected one that can be used here, received cuda:0, but libtorch [\d.]+ (was built without CUDA|finds no NVIDIA GPU with a working driver on this machine); use cpu$/;
    expect(() => checkDevice("cuda:0")).toThrow(sentence);
    scope("no CUDA", () => {
      expect(() => ones([2], { device: "cuda:0" })).toThrow(sentence);
      expect(() => toDevice(ones([2]), "cuda:0")).toThrow(sentence);
    });
  });
});
