import { describe, expect, it } from "vitest";
import { exportedNetworks, exportedSnn, settle } from "../../tests/exported-networks.js";
import { foldedScores } from "../../tests/folded-twin.js";
import { copyInto, full, noGrad, rand, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel, type SnnModel } from "../models/index.js";
import { lif } from "../neurons/index.js";
import { foldNetwork } from "./fold-network.js";

describe("foldNetwork", () => {
  it.each(Object.entries(exportedNetworks))("has all that the scores need: %s", (_, settings) => {
    using model = createModel(settings, { seed: 5 });
    settle(model);
    const network = foldNetwork(model);
    scope("compare", () =>
      noGrad(() => {
        const image = rand([1, 3, 12, 16], 9);
        const expected = model.forward(image).logits.toFloat32Array();
        const received = foldedScores(network, image).toFloat32Array();
        // The spread shows that there is something to compare.
        expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(1e-3);
        const largest = Math.max(...expected.map(Math.abs));
        const apart = received.filter((value, i) => Math.abs(value - expected[i]!) > 1e-4 * largest).length;
        // A spike at its threshold may fall on either side, as sums are rounded in another order.
        expect(apart / received.length).toBeLessThan(0.02);
      }),
    );
  });

  it("stays as it is when the network changes", () => {
    using model = createModel(exportedSnn, { seed: 5 });
    const { convolutions } = foldNetwork(model);
    const before = convolutions.get("features.0")!.weight[0];
    noGrad(() =>
      (model as SnnModel)
        .spikingLayers()
        .get("features.0")!
        .setThreshold(full([1], 0.5)),
    );
    model.dispose();
    expect(convolutions.get("features.0")!.weight[0]).toBe(before);
  });

  it("refuses neurons of one's own, and values that are not finite", () => {
    using own = createModel({ ...exportedSnn, neuron: { name: "mine", charge: lif.charge, fire: (x) => x } });
    expect(() => foldNetwork(own)).toThrow(
      new OptionError(
        "export: expected neurons that --neuron names, received mine, whose functions no file can hold; run it with this library",
      ),
    );
    using diverged = createModel(exportedSnn);
    scope("diverge", () => {
      const mean = diverged.state().get("bn_features.0.running_mean")!;
      copyInto(mean, full(mean.shape, Number.NaN));
    });
    expect(() => foldNetwork(diverged)).toThrow("expected finite values in bn_features.0.running_mean");
  });
});
