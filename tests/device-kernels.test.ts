/** Kernels for GPUs against the CPU's operators, whose arithmetic they repeat, on shapes of all kinds: scripts/test-device. */
import { describe, expect, it } from "vitest";
import {
  add,
  full,
  hasFusedOperators,
  mul,
  ones,
  rand,
  randn,
  scope,
  sum,
  type Tensor,
} from "../src/engine/index.js";
import { integerSequence, type LifOptions, lifSequence } from "../src/neurons/index.js";
import { BatchNorm2d, normalizedActivation } from "../src/nn/index.js";
import { difference } from "./lif-comparison.js";
import { fusesThere, testDevice, there } from "./test-device.js";
import { GRADIENT_TOLERANCE } from "./tolerances.js";

/** `[T, N, C, H, W]`: parts of a warp, of a block of threads and of a block of rows, and nothing at all. */
const shapes = [
  [1, 1, 1, 1, 1],
  [3, 1, 31, 1, 1],
  [2, 1, 32, 1, 1],
  [4, 2, 3, 5, 7],
  [2, 1, 257, 1, 3],
  [5, 3, 8, 9, 8],
  [2, 2, 1, 16, 17],
  [3, 0, 4, 2, 2],
  [2, 1, 3, 0, 2],
];

const onCpu = (x: Tensor) => x;
type Place = (x: Tensor) => Tensor;

/** What both devices must agree on: bit by bit, or but for the order of sums. */
interface Outcome {
  readonly exact: readonly Tensor[];
  readonly nearly: readonly Tensor[];
}

function expectSame(run: (place: Place) => Outcome): void {
  scope("devices", () => {
    const [ours, theirs] = [run(there), run(onCpu)];
    for (const [i, x] of ours.exact.entries())
      expect(x.toArray(), `exact ${i}`).toEqual(theirs.exact[i]!.toArray());
    for (const [i, x] of ours.nearly.entries()) {
      expect(x.device).toMatch(/^cuda/);
      expect(difference(x, theirs.nearly[i]!), `nearly ${i}`).toBeLessThan(GRADIENT_TOLERANCE);
    }
  });
}

const lifCases: readonly [string, LifOptions][] = [
  ["soft", {}],
  ["hard", { reset: "hard", surrogate: "fast-sigmoid" }],
  ["imbalanced", { imbalance: 0.5, surrogate: "pass-through" }],
  ["hard and imbalanced", { imbalance: 2, reset: "hard" }],
];

describe.skipIf(testDevice === "cpu")("kernels on a GPU", () => {
  it.runIf(process.env.LIBTORCH?.endsWith("/stand-in-gpu"))("were built for the stand-in", () => {
    expect(hasFusedOperators(testDevice)).toBe(true);
  });

  it("refuse a leak that lies on another device than the current", () => {
    scope("leak", () => {
      const leak = there(full([1], 0.5));
      expect(() => lifSequence(ones([1, 1, 1, 1, 1]), { leak })).toThrow(
        /leak: expected float32 .* on the CPU/,
      );
    });
  });
});

describe.skipIf(testDevice === "cpu" || !fusesThere).each(shapes)(
  "kernels on a GPU, [%i, %i, %i, %i, %i]",
  (...shape) => {
    const [steps = 1, batch = 1, channels = 1, height = 1, width = 1] = shape;
    const frame = [batch, channels, height, width];
    const drive = (place: Place) => place(mul(add(randn(shape, 1), 0.3), 1.2)).setRequiresGrad(true);
    const backward = (spikes: Tensor, place: Place) =>
      sum(mul(spikes, place(randn(spikes.shape, 2)))).backward();

    it.each(lifCases)("LIF: %s", (_, options) => {
      expectSame((place) => {
        const current = drive(place);
        const threshold = place(add(rand([channels], 3), 0.3));
        const initial = place(randn(frame, 4));
        const result = lifSequence(current, { ...options, threshold, initial });
        backward(result.spikes, place);
        return {
          exact: [result.spikes, result.membrane, result.counts, current.grad!],
          nearly: [result.excess],
        };
      });
    });

    it("LIF whose leak is learnt, behind BNTT on all steps but the last", () => {
      expectSame((place) => {
        const current = drive(place);
        const leak = place(full([1], 0.8)).setRequiresGrad(true);
        const scale = place(add(rand([steps, channels], 5), 0.5)).setRequiresGrad(true);
        const norm = {
          ...{
            scale,
            runningMean: place(randn([steps, channels], 6)),
            runningVar: place(rand([steps, channels], 7)),
          },
          ...{ training: true, momentum: 0.1, eps: 1e-3 },
        };
        const result = lifSequence(current, { leak, norm, normalizedSteps: Math.max(1, steps - 1) });
        backward(result.spikes, place);
        const { runningMean, runningVar } = norm;
        const gradients = [current.grad!, scale.grad!, leak.grad!];
        return {
          exact: [result.spikes, result.counts],
          nearly: [result.membrane, runningMean, runningVar, ...gradients],
        };
      });
    });

    it.each([
      ["a threshold that is given", false, "threshold" as const],
      ["thresholds that are learnt", true, "threshold" as const],
      ["amplitude 1, thresholds that are learnt", true, 1],
    ])("integers: %s", (_, learnt, amplitude) => {
      expectSame((place) => {
        const current = drive(place);
        const threshold = place(add(rand([channels], 8), 0.2)).setRequiresGrad(learnt);
        const result = integerSequence(current, { levels: 3, leak: 0.5, threshold, amplitude });
        backward(result.spikes, place);
        return {
          exact: [result.spikes, result.membrane, result.counts, current.grad!],
          nearly: [result.excess, ...(learnt ? [threshold.grad!] : [])],
        };
      });
    });

    it.each([
      ["ReLUs in training", true, undefined],
      ["ReLUs in evaluation", false, undefined],
      ["integers in training", true, "threshold" as const],
      ["integers of amplitude 1 in evaluation", false, 1],
    ])("norm and %s", (_, training, amplitude) => {
      expectSame((place) => {
        const z = place(mul(add(randn(frame, 9), 0.3), 1.2)).setRequiresGrad(true);
        const device = place === there ? testDevice : "cpu";
        using norm = new BatchNorm2d(channels, device, { scale: 0.7 });
        norm.setTraining(training);
        const threshold = place(add(rand([channels], 10), 0.2)).setRequiresGrad(true);
        const integers = amplitude === undefined ? undefined : { levels: 3, amplitude, threshold };
        const { output, counts, excess } = normalizedActivation(z, norm, integers);
        backward(output, place);
        const learnt = [norm.scale!.grad!, norm.shift!.grad!, ...(integers ? [threshold.grad!] : [])];
        const statistics = [add(norm.runningMean, 0), add(norm.runningVar, 0)];
        return {
          exact: integers ? [counts] : [],
          nearly: [output, z.grad!, ...statistics, ...learnt, ...(integers ? [excess] : [])],
        };
      });
    });

    it("gives the same bits again", () => {
      scope("again", () => {
        const bits = [1, 2].map(() => {
          const current = drive(there);
          const leak = there(full([1], 0.8)).setRequiresGrad(true);
          const { spikes, excess } = lifSequence(current, { leak });
          backward(spikes, there);
          return [spikes, excess, current.grad!, leak.grad!].map((x) => x.toArray());
        });
        expect(bits[0]).toEqual(bits[1]);
      });
    });
  },
);
