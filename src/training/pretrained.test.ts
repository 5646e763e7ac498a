import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createModel, modelDefaults } from "../models/index.js";
import { type NamedArrays, writeSafetensors } from "../serialization/index.js";
import { loadPretrained } from "./pretrained.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-pretrained-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The first two convolutions of torchvision's VGG11: numbers count activations and poolings too. */
function vgg11(inputChannels: number): NamedArrays {
  const array = (shape: number[], value: number) => {
    const data = new Float32Array(shape.reduce((a, b) => a * b)).fill(value);
    return { dtype: "float32" as const, shape, data };
  };
  return new Map([
    ["features.0.weight", array([64, inputChannels, 3, 3], 0.5)],
    ["features.0.bias", array([64], 9)],
    ["features.3.weight", array([128, 64, 3, 3], 0.25)],
  ]);
}

describe("loadPretrained", () => {
  const config = {
    ...modelDefaults,
    kind: "snn",
    arch: "dl-vgg11",
    inputChannels: 2,
    numClasses: 3,
  } as const;

  it("fills the convolutions that fit and leaves the others alone", async () => {
    using model = createModel(config);
    const [first, second] = ["features.0.weight", "features.1.weight"].map(
      (name) => model.parameters().get(name)!,
    );
    const before = first!.toFloat32Array().slice(0, 4);
    const path = join(folder, "vgg11.safetensors");
    await writeSafetensors(path, vgg11(3));
    const notes = await loadPretrained(path, model);
    expect(second!.toFloat32Array().every((value) => value === 0.25)).toBe(true);
    expect(first!.toFloat32Array().slice(0, 4)).toEqual(before);
    expect(notes.join("\n")).toMatch(/features\.0\.weight \[64, 3, 3, 3\] left out/);
  });

  it("names a file that is not there", async () => {
    using model = createModel(config);
    await expect(loadPretrained(join(folder, "none.pth"), model)).rejects.toThrow(/none\.pth/);
  });
});
