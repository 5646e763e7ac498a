/** What benchmarks compare is the same work. */
import { describe, expect, it } from "vitest";
import { noGrad, randn, scope } from "../engine/index.js";
import { createModel, modelDefaults, plainTwin, type SnnModel } from "../models/index.js";
import { poissonEncoding, seededUniform } from "../neurons/index.js";
import { densities, forceDensity } from "./force-density.js";

const timesteps = 4;
/** A search in twelve halvings over a small input. */
const DENSITY_TOLERANCE = 0.02;
/** Neurons on the threshold may fall to either side, and with them what follows. */
const SCORE_TOLERANCE = 0.01;

function network(arch: "dl-vgg9" | "fcn-vgg9"): SnnModel {
  return createModel({
    ...modelDefaults,
    ...{ kind: "snn", arch, inputChannels: 3, numClasses: 4, timesteps },
  }) as SnnModel;
}

describe.each(["dl-vgg9", "fcn-vgg9"] as const)("bench, %s", (arch) => {
  it("forces the density that is asked for, and its twin computes what the network computes", () => {
    using model = network(arch);
    scope("test", () => {
      const frames = poissonEncoding(
        randn([2, 3, 32, 24], 1),
        timesteps,
        seededUniform((t) => t),
      );
      forceDensity(model, frames, 0.2);
      using twin = plainTwin(model);
      const { logits, activity } = noGrad(() => model.forward(frames));
      const layers = Object.entries(densities(activity, 2)).filter(([name]) => !name.startsWith("upsample"));
      for (const [name, density] of layers)
        expect(Math.abs(density - 0.2), name).toBeLessThan(DENSITY_TOLERANCE);
      const plain = noGrad(() => twin.forward(frames)).logits.toFloat32Array();
      const expected = logits.toFloat32Array();
      const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
      const difference = expected.reduce((sum, value, i) => sum + Math.abs(value - plain[i]!), 0);
      expect(difference / expected.length).toBeLessThan(SCORE_TOLERANCE * scale);
    });
  });
});
