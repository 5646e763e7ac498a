/** Batch norm's running statistics, estimated anew. */
import { describe, expect, it } from "vitest";
import { digitsOptions, savedConfigs } from "../../tests/saved-network.js";
import { flagLayer, resolveConfig } from "../config/index.js";
import { call, keep, scope, type Tensor } from "../engine/index.js";
import { createModel } from "../models/index.js";
import { createTrainLoader, settleStatistics } from "./index.js";

describe("settleStatistics", { timeout: 240_000 }, () => {
  it("gives the mean over batches of each batch's mean and variance", async () => {
    const options = { ...digitsOptions, timesteps: 2, encoding: "direct", workers: 0 };
    const { config } = resolveConfig([flagLayer(options)]);
    await using loader = await createTrainLoader(config, "train");
    using model = createModel(savedConfigs.snn);
    const moments: [mean: Tensor, variance: Tensor][] = [];
    const settings = { input: config, seed: 0, batches: 2 };
    const forward = model.forward.bind(model);
    model.forward = (input, more) => {
      const current = (name: string, x: Tensor) => {
        if (name !== "features.0") return;
        const variance = call("aten::var.dim", [x, [0, 1, 3, 4], true, false]);
        const middle = call("aten::mean.dim", [x, [0, 1, 3, 4], false]);
        moments.push([keep(middle), keep(variance)]);
      };
      return forward(input, { ...more, observer: { current } });
    };
    expect(await settleStatistics(model, loader, settings)).toBe(2);
    expect(model.training).toBe(false);
    const found = (name: string) => model.state().get(`bn_features.0.running_${name}`)!.toFloat32Array();
    scope("compare", () => {
      const expected = [0, 1].map((k) => {
        const [a, b] = moments.map((pair) => pair[k]!.toFloat32Array());
        return a!.map((value, i) => (value + b![i]!) / 2);
      });
      for (const [k, name] of ["mean", "var"].entries()) {
        for (const [c, value] of expected[k]!.entries()) {
          // The image is the same at both timesteps, and so are their statistics but for n / (n − 1).
          expect(found(name)[c]!, name).toBeCloseTo(value, 2);
        }
      }
    });
    for (const tensor of moments.flat()) tensor.dispose();
  });
});
