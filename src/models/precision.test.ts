import { describe, expect, it } from "vitest";
import { crossEntropy, randn, scope, tensorFrom } from "../engine/index.js";
import { createModel, type ModelOptions, modelDefaults } from "./index.js";

/** Directions of a layer's gradient in bfloat16 and in float32. */
const GRADIENT_COSINE = 0.999;

function train(kind: "ann" | "snn", precision: ModelOptions["precision"]) {
  const config = {
    ...modelDefaults,
    kind,
    arch: "dl-vgg9",
    inputChannels: 3,
    numClasses: 5,
    timesteps: 4,
  } as const;
  using model = createModel(config, { seed: 1, precision });
  return scope("step", () => {
    const labels = tensorFrom(
      BigInt64Array.from({ length: 2 * 24 * 24 }, (_, i) => BigInt(Math.floor(i / 100) % 5)),
      [2, 24, 24],
    );
    const loss = crossEntropy(model.forward(randn([2, 3, 24, 24], 2)).logits, labels, 255);
    loss.backward();
    const gradients = new Map([...model.parameters()].map(([name, p]) => [name, p.grad!.toFloat32Array()]));
    return { loss: loss.item(), gradients };
  });
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (const [i, value] of a.entries()) {
    dot += value * b[i]!;
    aa += value * value;
    bb += b[i]! * b[i]!;
  }
  return dot / Math.sqrt(aa * bb);
}

describe("bfloat16 gradients", () => {
  it.each(["ann", "snn"] as const)(
    "leave the forward pass of an %s as it is and keep every layer's direction",
    (kind) => {
      const exact = train(kind, "fp32");
      const rounded = train(kind, "fast");
      expect(rounded.loss).toBe(exact.loss);
      expect(rounded.gradients.get("features.1.weight")).not.toEqual(
        exact.gradients.get("features.1.weight"),
      );
      for (const [name, gradient] of exact.gradients) {
        const similarity = cosine(gradient, rounded.gradients.get(name)!);
        expect(similarity, name).toBeGreaterThan(GRADIENT_COSINE);
      }
    },
  );
});
