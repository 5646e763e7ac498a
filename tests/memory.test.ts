import { describe, expect, it } from "vitest";
import { crossEntropy, liveTensors, randn, scope, tensorFrom } from "../src/engine/index.js";
import { createModel, modelDefaults } from "../src/models/index.js";
import { Adam } from "../src/nn/index.js";

/** Growth of resident memory that counts as none: allocators breathe. */
const GROWTH_ALLOWED = 0.03;

/** Resident memory beside JavaScript's own, which its garbage collector lets grow. */
function nativeMemory(): number {
  const { rss, heapTotal } = process.memoryUsage();
  return rss - heapTotal;
}

describe("a training loop", () => {
  it("keeps resident memory and live tensors where they were after 20 steps for 180 more", () => {
    using model = createModel({
      ...modelDefaults,
      kind: "snn",
      arch: "dl-vgg9",
      inputChannels: 3,
      numClasses: 6,
      timesteps: 3,
    });
    using optimizer = new Adam(model.parameters(), { lr: 1e-3 });
    const step = (seed: number) =>
      scope("train step", () => {
        const { logits } = model.forward(randn([3, 1, 3, 16, 16], seed));
        const labels = tensorFrom(new BigInt64Array(16 * 16), [1, 16, 16]);
        optimizer.zeroGrad();
        crossEntropy(logits, labels, 255).backward();
        optimizer.step();
      });
    for (let k = 0; k < 20; k++) step(k);
    const [tensors, resident] = [liveTensors(), nativeMemory()];
    for (let k = 20; k < 200; k++) step(k);
    expect(liveTensors()).toBe(tensors);
    expect(nativeMemory() / resident - 1).toBeLessThan(GROWTH_ALLOWED);
  }, 120_000);
});
