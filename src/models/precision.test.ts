import { describe, expect, it } from "vitest";
import { cosine } from "../../tests/cosine.js";
import {
  crossEntropy,
  keep,
  randn,
  resetMemoryPeak,
  scope,
  type Tensor,
  tensorFrom,
  tensorMemory,
} from "../engine/index.js";
import { createModel, type ModelOptions, modelDefaults, type SnnConfig } from "./index.js";

/** Directions of a layer's gradient in bfloat16 and in float32. */
const GRADIENT_COSINE = 0.999;
/** Of a network's loss on noise. */
const LOSS_TOLERANCE = 0.02;
const LAST_LAYER_COSINE = 0.9;
/** Of a layer's share of neurons that fire. */
const RATE_TOLERANCE = 0.1;

/** Float32 activations over bits, gradients of weights left out. */
const MEMORY_RATIO = 4;

const timesteps = 4;

function configOf(kind: "ann" | "snn", settings: Partial<SnnConfig>) {
  const sizes = { inputChannels: 3, numClasses: 5, timesteps };
  return { ...modelDefaults, kind, arch: "dl-vgg9", ...sizes, ...settings } as SnnConfig;
}

function train(kind: "ann" | "snn", precision: ModelOptions["precision"], settings: Partial<SnnConfig> = {}) {
  using model = createModel(configOf(kind, settings), { seed: 1, precision });
  return scope("step", () => {
    const labels = tensorFrom(
      BigInt64Array.from({ length: 2 * 24 * 24 }, (_, i) => BigInt(Math.floor(i / 100) % 5)),
      [2, 24, 24],
    );
    const { logits, activity } = model.forward(randn([2, 3, 24, 24], 2));
    const loss = crossEntropy(logits, labels, 255);
    loss.backward();
    const gradients = new Map([...model.parameters()].map(([name, p]) => [name, p.grad!.toFloat32Array()]));
    return { loss: loss.item(), gradients, activity };
  });
}

describe("precision bf16", () => {
  it("leaves an ANN's forward pass as it is and keeps every layer's direction", () => {
    const exact = train("ann", "fp32");
    const rounded = train("ann", "bf16");
    expect(rounded.loss).toBe(exact.loss);
    expect(rounded.gradients.get("features.1.weight")).not.toEqual(exact.gradients.get("features.1.weight"));
    for (const [name, gradient] of exact.gradients) {
      const similarity = cosine(gradient, rounded.gradients.get(name)!);
      expect(similarity, name).toBeGreaterThan(GRADIENT_COSINE);
    }
  });

  // A spike that flips flips others in every later layer, so only what is near the loss can be compared through a whole
  // network; src/neurons/packed-spikes.test.ts compares layer by layer.
  it.each(["dl-vgg9", "fcn-vgg9"] as const)("trains %s on bits to nearly the same loss", (arch) => {
    const exact = train("snn", "fp32", { arch });
    const rounded = train("snn", "bf16", { arch });
    expect(Math.abs(rounded.loss / exact.loss - 1)).toBeLessThan(LOSS_TOLERANCE);
    expect([...rounded.gradients.keys()]).toEqual([...exact.gradients.keys()]);
    const last = arch === "dl-vgg9" ? "classifier.1.weight" : "upsample.2.0.weight";
    expect(cosine(exact.gradients.get(last)!, rounded.gradients.get(last)!)).toBeGreaterThan(
      LAST_LAYER_COSINE,
    );
    const [a, b] = [rounded.activity, exact.activity];
    expect(a.map(({ name, neurons }) => [name, neurons])).toEqual(
      b.map(({ name, neurons }) => [name, neurons]),
    );
    for (const [layer, { spikes }] of a.entries()) {
      for (const [t, count] of spikes.entries()) {
        const { neurons, spikes: expected } = b[layer]!;
        expect(Math.abs(count - expected[t]!)).toBeLessThan(RATE_TOLERANCE * 2 * neurons);
      }
    }
  });

  it.each([
    { imbalance: 2 },
    { fullPropagation: true },
    { initialMembrane: 0.5 },
    { convBias: true },
  ] satisfies Partial<SnnConfig>[])(
    "leaves the forward pass of what bits do not cover as it is: %o",
    (settings) => {
      expect(train("snn", "bf16", settings).loss).toBe(train("snn", "fp32", settings).loss);
    },
  );

  it("keeps bits instead of activations: a fraction of float32's memory", () => {
    const peakOf = (precision: ModelOptions["precision"]) => {
      using model = createModel(configOf("snn", { timesteps: 16 }), { seed: 1, precision });
      return scope("step", () => {
        const images = randn([16, 4, 3, 48, 48], 2);
        const labels = tensorFrom(new BigInt64Array(4 * 48 * 48), [4, 48, 48]);
        resetMemoryPeak();
        const { liveBytes } = tensorMemory();
        crossEntropy(model.forward(images).logits, labels, 255).backward();
        const weights = [...model.parameters().values()].reduce((sum, { numel }) => sum + numel, 0);
        return tensorMemory().peakBytes - liveBytes - 4 * weights;
      });
    };
    expect(peakOf("bf16")).toBeLessThan(peakOf("fp32") / MEMORY_RATIO);
  });

  it("gives the rate of every layer to an observer, with its gradient", () => {
    using model = createModel(configOf("snn", {}), { seed: 1, precision: "bf16" });
    scope("rates", () => {
      const rates = new Map<string, Tensor>();
      const observer = { rate: (layer: string, rate: Tensor) => void rates.set(layer, keep(rate)) };
      const { activity } = model.forward(randn([2, 3, 24, 24], 2), { observer });
      expect([...rates.keys()]).toEqual(activity.map(({ name }) => name));
      for (const { name, neurons, spikes } of activity) {
        const share = spikes.reduce((total, count) => total + count, 0) / (timesteps * 2 * neurons);
        expect(rates.get(name)!.item()).toBeCloseTo(share, 6);
      }
      rates.get("features.3")!.backward();
      expect(
        model
          .parameters()
          .get("bn_features.3.weight")!
          .grad!.toFloat32Array()
          .some((g) => g !== 0),
      ).toBe(true);
      expect(model.parameters().get("features.4.weight")!.grad).toBeUndefined();
      for (const rate of rates.values()) rate.dispose();
    });
  });
});
