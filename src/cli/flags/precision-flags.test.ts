/** One word of `--precision` means one thing, in whichever command. */
import { Command } from "commander";
import { describe, expect, it } from "vitest";
import { optionOf } from "../../config/index.js";
import { computePrecisions } from "../../inference/index.js";
import { precisionOption, trainPrecisionOption } from "./precision-flags.js";

function given(option: ReturnType<typeof precisionOption>, ...words: string[]): unknown {
  const command = new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addOption(option);
  return command.parse(words, { from: "user" }).opts<{ precision: unknown }>().precision;
}

describe("--precision", () => {
  it("shares nothing but fp32 between training and inference", () => {
    const training = optionOf("precision").choices ?? [];
    expect(training.filter((word) => (computePrecisions as readonly string[]).includes(word))).toEqual([
      "fp32",
    ]);
  });

  it("takes what a command can, and refuses the rest", () => {
    expect(given(precisionOption(), "--precision", "exact")).toBe("exact");
    expect(() => given(precisionOption(["fast", "int8"]), "--precision", "fp32")).toThrow(/fast, int8/);
    expect(() => given(precisionOption(), "--precision", "bf16")).toThrow(/fp32, exact, fast, int8/);
  });

  it("of training understands the word that bf16 had before", () => {
    expect(given(trainPrecisionOption(), "--precision", "bf16")).toBe("bf16");
    expect(given(trainPrecisionOption(), "--precision", "fast")).toBe("bf16");
    expect(() => given(trainPrecisionOption(), "--precision", "int8")).toThrow(/one of fp32, bf16, auto/);
  });
});
