import { describe, expect, it } from "vitest";
import { OptionError } from "../errors.js";
import { checkDevice } from "./device.js";
import { ones, rand, randOnDevice, toDevice } from "./ops/create.js";
import { hasCuda, resetMemoryPeak, synchronize, tensorMemory } from "./runtime.js";
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

describe("a device by its name", () => {
  it("is checked by whatever asks for its memory, its end or its numbers", () => {
    for (const ask of [
      () => tensorMemory("cuda:99"),
      () => resetMemoryPeak("cuda:99"),
      () => synchronize("cuda:99"),
      () => randOnDevice([1], 0, { device: "cuda:99" }),
    ])
      expect(ask).toThrow(OptionError);
    expect(tensorMemory("cpu")).toEqual(tensorMemory());
    expect(() => synchronize("cpu")).not.toThrow();
  });

  it("draws on the CPU what was always drawn there", () => {
    scope("draw", () => {
      const shape = [2, 3, 5];
      expect(randOnDevice(shape, 7).toFloat32Array()).toEqual(rand(shape, 7).toFloat32Array());
      // Of libtorch's own generator, which no version may change.
      expect(
        randOnDevice([2], 1)
          .toNumbers()
          .map((x) => x.toFixed(4)),
      ).toEqual(["0.7576", "0.2793"]);
    });
  });
});
