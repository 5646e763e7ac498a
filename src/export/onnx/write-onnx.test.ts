import * as ort from "onnxruntime-web";
import { describe, expect, it } from "vitest";
import { exampleMeta, exportedNetworks, settle } from "../../../tests/exported-networks.js";
import { noGrad, rand, scope } from "../../engine/index.js";
import { createModel } from "../../models/index.js";
import { foldNetwork } from "../fold-network.js";
import { writeOnnx } from "./write-onnx.js";

ort.env.wasm.numThreads = 1;
const image = () => rand([2, 3, 12, 16], 9);

/** Whose graphs end with their input. */
const networks = Object.entries(exportedNetworks).filter(
  ([, settings]) => !("fullPropagation" in settings && settings.fullPropagation),
);

describe("writeOnnx", () => {
  it.each(networks)("gives the network's scores: %s", async (_, settings) => {
    using model = createModel(settings, { seed: 5 });
    settle(model);
    const bytes = writeOnnx(foldNetwork(model), exampleMeta(model), { form: "folded", precision: "fp32" });
    const session = await ort.InferenceSession.create(bytes);
    const [x, expected] = scope("forward", () =>
      noGrad(() => [image().toFloat32Array(), model.forward(image()).logits.toFloat32Array()] as const),
    );
    const { logits } = await session.run({ image: new ort.Tensor("float32", x, [2, 3, 12, 16]) });
    const received = logits!.data as Float32Array;
    expect(logits!.dims).toEqual([2, 4, 12, 16]);
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(1e-3);
    const largest = Math.max(...expected.map(Math.abs));
    const apart = received.filter((value, i) => Math.abs(value - expected[i]!) > 1e-4 * largest).length;
    expect(apart / received.length).toBeLessThan(0.02);
    await session.release();
  });

  it("refuses steps behind the input", () => {
    using model = createModel(exportedNetworks["steps after the input"]!);
    const write = () =>
      writeOnnx(foldNetwork(model), exampleMeta(model), { form: "folded", precision: "fp32" });
    expect(write).toThrow(
      /expected a network that ends with its input, received one with --full-propagation/,
    );
  });
});
