/** An ANN in 8 bits: few values, and nearly the same answers. */
import { describe, expect, it } from "vitest";
import { argmax, eq, mean, rand, scope, type Tensor, toDType } from "../engine/index.js";
import { OptionError } from "../errors.js";
import { createModel } from "../models/index.js";
import { percentileThresholds } from "./activation-thresholds.js";
import { collectActivations } from "./collect-activations.js";
import { quantizeAnn } from "./index.js";

const settings = { kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 4 } as const;
const images = (seed: number) => rand([2, 3, 24, 24], seed);

describe("quantizeAnn", () => {
  it("rounds every output channel's weights to 255 values and every layer's activations to 256", () => {
    scope("test", () => {
      using ann = createModel(settings);
      for (let step = 0; step < 20; step++) ann.forward(images(step));
      using small = quantizeAnn(ann, [images(50)]);
      expect(small.config).toMatchObject({ activationLevels: 255, batchNorm: false, convBias: true });
      const weights = small.state().get("features.1.weight")!.toFloat32Array();
      const first = weights.subarray(0, 64 * 9);
      const step = first.reduce((most, w) => Math.max(most, Math.abs(w)), 0) / 127;
      const numbers = Array.from(first, (w) => w / step);
      expect(numbers.every((w) => Math.abs(w - Math.round(w)) < 1e-3)).toBe(true);
      expect(new Set(numbers.map(Math.round)).size).toBeGreaterThan(60);
      let values: number[] = [];
      const activated = (name: string, x: Tensor) => {
        if (name === "features.1") values = x.toNumbers();
      };
      small.forward(images(60), { observer: { activated } });
      expect(new Set(values.map((value) => value.toFixed(4))).size).toBeLessThanOrEqual(256);
      expect(new Set(values.map((value) => value.toFixed(4))).size).toBeGreaterThan(100);
    });
  });

  it("answers nearly as before, and keeps the levels of a quantised ReLU", () => {
    scope("test", () => {
      using ann = createModel(settings);
      for (let step = 0; step < 4; step++) ann.forward(images(step));
      ann.setTraining(false);
      using small = quantizeAnn(ann, [images(50)]);
      const [before, after] = [ann, small].map((model) => argmax(model.forward(images(61)).logits, 1));
      expect(mean(toDType(eq(before!, after!), "float32")).item()).toBeGreaterThan(0.95);
      using stepped = createModel({ ...settings, activationLevels: 4 });
      using kept = quantizeAnn(stepped, []);
      expect(kept.config.activationLevels).toBe(4);
      expect(kept.state().get("act_features.1.bound")!.item()).toBe(4);
    });
  });

  it.each(["dl-vgg9", "fcn-vgg9", "unet", "dwnet"] as const)(
    "finds the range of every layer of %s",
    (arch) => {
      scope("test", () => {
        using ann = createModel({ ...settings, arch });
        ann.setTraining(false);
        const batches = [images(50)];
        const ranges = percentileThresholds(collectActivations(ann, batches, { perChannel: false }), 0.9999);
        using small = quantizeAnn(ann, batches);
        const bounds = [...small.state()].filter(([name]) => name.endsWith(".bound"));
        expect(bounds.length).toBeGreaterThan(7);
        for (const [name, bound] of bounds) {
          const range = ranges.get(name.replace(/^act_|\.bound$/g, ""))!;
          expect(bound.item(), name).toBeCloseTo(range.data[0]!, 6);
        }
      });
    },
  );

  it("refuses leaky ReLU", () => {
    using ann = createModel({ ...settings, leakySlope: 0.1 });
    expect(() => quantizeAnn(ann, [])).toThrow(OptionError);
    expect(() => quantizeAnn(ann, [])).toThrow("received one of slope 0.1 below 0");
  });
});
