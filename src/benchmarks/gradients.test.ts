/** The twin of a training step learns what ours learns. */
import { describe, expect, it } from "vitest";
import { liveTensors, scope } from "../engine/index.js";
import { plainTwin, SnnModel } from "../models/index.js";
import { trainStep } from "../training/index.js";
import { GradientCopy, gradientCosines } from "./gradients.js";
import { openWorkload } from "./workload.js";

const options = { threads: 1, batchSize: 2, timesteps: 2, imgSize: [16, 16] } as const;
/** fp32 sums in another order; hardly a neuron falls to the other side on so small an input. */
const MIN_COSINE = 0.999;
const LOSS_TOLERANCE = 1e-3;

describe.each([
  ["snn", "dl-vgg9"],
  ["snn", "fcn-vgg9"],
  ["ann", "dl-vgg9"],
  ["ann", "fcn-vgg9"],
  ["snn", "unet"],
  ["ann", "unet"],
  ["snn", "dwnet"],
  ["ann", "dwnet"],
] as const)("bench step, %s %s", (model, arch) => {
  it("has a twin of the same loss, gradients and running statistics, which leaves the network alone", async () => {
    const before = liveTensors();
    {
      // A map of 1x1, as dwnet makes of 16x16, has too few values for statistics that rounding does not turn around.
      const imgSize = arch === "dwnet" ? ([64, 48] as const) : options.imgSize;
      await using work = await openWorkload({ ...options, imgSize, arch, model, precision: "fp32" });
      const untouched = work.model.state().get("bn_features.0.running_mean")!.toFloat32Array();
      using twin = plainTwin(work.model);
      using plain = new GradientCopy(twin.parameters());
      using ours = new GradientCopy(work.model.parameters());
      scope("test", () => {
        const encode = work.encode;
        const expected = trainStep(work.batch, { model: twin, optimizer: plain, encode, device: "cpu" });
        expect(work.model.state().get("bn_features.0.running_mean")!.toFloat32Array()).toEqual(untouched);
        const result = trainStep(work.batch, { model: work.model, optimizer: ours, encode, device: "cpu" });
        expect(Math.abs(result.loss - expected.loss)).toBeLessThan(LOSS_TOLERANCE * expected.loss);
      });
      expect([...plain.gradients.keys()]).toEqual([...work.model.parameters().keys()]);
      for (const [name, cosine] of Object.entries(gradientCosines(ours.gradients, plain.gradients))) {
        expect(cosine, name).toBeGreaterThan(MIN_COSINE);
      }
      for (const [name, buffer] of work.model.buffers()) {
        const own = twin.state().get(name)!.toFloat32Array();
        expect(Math.max(...buffer.toFloat32Array().map((x, i) => Math.abs(x - own[i]!))), name).toBeLessThan(
          0.01,
        );
      }
      expect(work.model instanceof SnnModel).toBe(model === "snn");
    }
    expect(liveTensors()).toBe(before);
  });
});
