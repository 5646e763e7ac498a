import { describe, expect, it } from "vitest";
import { exampleMeta, exportedNetworks, settle } from "../../../tests/exported-networks.js";
import { runOnnx, runSteps } from "../../../tests/onnx-runtime.js";
import { noGrad, rand, scope, tensorFrom } from "../../engine/index.js";
import { createModel, type SegmentationModel } from "../../models/index.js";
import { foldNetwork } from "../fold-network.js";
import { writeOnnx } from "./write-onnx.js";

const folded = { form: "folded", precision: "fp32" } as const;
const step = { ...folded, form: "step" } as const;
const shape = [2, 3, 11, 15];

/** Whose graphs end with their input. */
const networks = Object.entries(exportedNetworks).filter(
  ([, settings]) => !("fullPropagation" in settings && settings.fullPropagation),
);

/** Scores of the network itself. */
function scoresOf(model: SegmentationModel, image: Float32Array): Float32Array {
  return scope("forward", () =>
    noGrad(() => model.forward(tensorFrom(image, shape)).logits.toFloat32Array()),
  );
}

describe("writeOnnx", () => {
  it.each(networks)("gives the network's scores, in one call or step by step: %s", async (_, settings) => {
    using model = createModel(settings, { seed: 5 });
    settle(model);
    const network = foldNetwork(model);
    const image = scope("image", () => rand(shape, 9).toFloat32Array());
    const expected = scoresOf(model, image);
    const { logits } = await runOnnx(writeOnnx(network, exampleMeta(model), folded), {
      image: [image, shape],
    });
    expect(logits!.dims).toEqual([2, 4, 11, 15]);
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(1e-3);
    const largest = Math.max(...expected.map(Math.abs));
    const apart = logits!.data.filter((value, i) => Math.abs(value - expected[i]!) > 1e-4 * largest).length;
    expect(apart / expected.length).toBeLessThan(0.02);
    if (settings.kind === "ann") return;
    const bytes = writeOnnx(network, exampleMeta(model), step);
    const stepped = await runSteps(bytes, { frame: [image, shape], steps: network.timesteps });
    expect(stepped.data).toEqual(logits!.data);
  });

  it("refuses steps behind the input, and an ANN step by step", () => {
    using propagating = createModel(exportedNetworks["steps after the input"]!);
    using ann = createModel(exportedNetworks["an ANN"]!);
    expect(() => writeOnnx(foldNetwork(propagating), exampleMeta(propagating), folded)).toThrow(
      /expected a network that ends with its input, received one with --full-propagation/,
    );
    expect(() => writeOnnx(foldNetwork(ann), exampleMeta(ann), step)).toThrow(
      /received an ANN, which has no timesteps/,
    );
  });
});
