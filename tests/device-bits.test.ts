/** Networks trained on bits on a GPU, or on a device that stands for one (scripts/test-device), against the CPU's bits. */
import { describe, expect, it } from "vitest";
import type { Batch } from "../src/datasets/index.js";
import {
  add,
  full,
  hasFusedOperators,
  liveTensors,
  mul,
  ones,
  rand,
  randn,
  scope,
  sum,
  type Tensor,
  tensorMemory,
  toDType,
  zeros,
} from "../src/engine/index.js";
import { createModel, modelDefaults } from "../src/models/index.js";
import { packedConvLif, packedRate, packedSum } from "../src/neurons/index.js";
import { AdamW } from "../src/nn/index.js";
import { checkTrainable, computingOf, encodeInput, trainStep } from "../src/training/index.js";
import { processTimeout } from "./cli/snnseg.js";
import { cosine } from "./cosine.js";
import { difference } from "./lif-comparison.js";
import { fusesThere, testDevice, there } from "./test-device.js";

/** Of an untrained network's first loss: weights have 8 bits there and 15 on the CPU, whose own bits and float32 differ as much. */
const sameLoss = 0.15;
/** Cosine of gradients through two layers. */
const sameDirection = 0.98;
/** Of the spikes of each layer. */
const sameActivity = 0.05;

/** Losses of training on one batch, on bits, and how often each layer fired in the first step. */
function training(
  device: string,
  {
    arch,
    encoding,
    steps,
  }: {
    readonly arch: "dl-vgg9" | "fcn-vgg9";
    readonly encoding: "direct" | "sequence";
    readonly steps: number;
  },
) {
  const timesteps = 4;
  const settings = { arch, inputChannels: 3, numClasses: 4, timesteps } as const;
  const model = createModel({ kind: "snn", ...settings }, { device, precision: "bf16", seed: 3 });
  const optimizer = new AdamW(model.parameters(), { lr: 2e-3 });
  const shape = encoding === "sequence" ? [2, timesteps, 3, 16, 16] : [2, 3, 16, 16];
  const batch: Batch = {
    images: scope("images", () => randn(shape, 1).toFloat32Array()) as Batch["images"],
    shape,
    labels: new Uint8Array(2 * 16 * 16).map((_, i) => (i % 16 < 8 ? 1 : 3)),
    labelShape: [2, 16, 16],
    ids: ["a", "b"],
  };
  const encode = () => encodeInput(batch, { model: "snn", encoding, timesteps, device }, (n) => n);
  const seen = Array.from({ length: steps }, () => trainStep(batch, { model, optimizer, encode, device }));
  for (const owner of [optimizer, model]) owner[Symbol.dispose]();
  const spikes = seen[0]!.activity.map((layer) => layer.spikes.reduce((all, each) => all + each, 0));
  return { losses: seen.map(({ loss }) => loss), spikes };
}

/** A layer of 64 channels on spikes of a layer on images. */
function layers(place: (x: Tensor) => Tensor, poolStride = 0) {
  const neurons = { steps: 4, leak: 0.9, reset: "soft", surrogate: "linear", dilation: 1 } as const;
  const norm = () => ({
    ...{ scale: place(ones([4, 64])).setRequiresGrad(true), runningMean: place(zeros([4, 64])) },
    ...{ runningVar: place(ones([4, 64])), training: true, momentum: 0.1, eps: 1e-4 },
  });
  const threshold = place(full([1], 1));
  const images = place(randn([4, 2, 3, 16, 16], 1));
  const weights = [mul(randn([64, 3, 3, 3], 2), 0.3), mul(randn([64, 64, 3, 3], 3), 0.1)].map((weight) =>
    place(weight).setRequiresGrad(true),
  ) as [Tensor, Tensor];
  const options = { ...neurons, threshold };
  const first = () => packedConvLif(images, weights[0], { ...options, norm: norm(), poolStride: 0 });
  const second = (spikes: ReturnType<typeof first>) =>
    packedConvLif(spikes, weights[1], { ...options, norm: norm(), poolStride });
  return { weights, first, second };
}

describe.skipIf(testDevice === "cpu" || !fusesThere)("training on bits on a GPU", () => {
  it.each([
    { arch: "dl-vgg9", encoding: "sequence", steps: 20 },
    { arch: "dl-vgg9", encoding: "direct", steps: 8 },
    { arch: "fcn-vgg9", encoding: "direct", steps: 8 },
  ] as const)("learns as on the CPU: $arch, $encoding, $steps steps", { timeout: processTimeout }, (test) => {
    const before = liveTensors();
    const [ours, theirs] = [training(testDevice, test), training("cpu", test)];
    expect(Math.abs(ours.losses[0]! / theirs.losses[0]! - 1)).toBeLessThan(sameLoss);
    for (const [i, count] of theirs.spikes.entries())
      expect(Math.abs(ours.spikes[i]! - count), `layer ${i}`).toBeLessThanOrEqual(5 + sameActivity * count);
    for (const { losses } of [ours, theirs]) expect(losses.at(-1)).toBeLessThan(0.25 * losses[0]!);
    expect(liveTensors()).toBe(before);
  });

  it("keeps bits between forward and backward, not maps", () => {
    if (tensorMemory(testDevice) === undefined) return; // of a libtorch before 2.9
    scope("memory", () => {
      const { first, second } = layers(there);
      const live = () => tensorMemory(testDevice)!.liveBytes;
      const before = live();
      const spikes = second(first());
      const bits = spikes.bits.numel * 8;
      expect(bits).toBe(4 * 2 * 16 * 16 * 8);
      // Both layers' bits, and norms: a map of bfloat16 has 16 times as much.
      expect(live() - before).toBeLessThan(4 * bits);
      sum(packedSum(spikes)).backward();
    });
  });

  it("gives the same bits again, and the same gradients but for libtorch's order of sums", () => {
    scope("again", () => {
      const [one, two] = [1, 2].map(() => {
        const { weights, first, second } = layers(there, 2);
        const spikes = second(first());
        add(sum(mul(packedSum(spikes), there(randn([2, 64, 8, 8], 4)))), packedRate(spikes)).backward();
        return { spikes, gradients: weights.map(({ grad }) => grad!) };
      });
      expect(two!.spikes.bits.toArray()).toEqual(one!.spikes.bits.toArray());
      expect(two!.spikes.excess.toArray()).toEqual(one!.spikes.excess.toArray());
      for (const [i, gradient] of two!.gradients.entries())
        expect(difference(gradient, one!.gradients[i]!)).toBeLessThan(2 ** -7);
    });
  });

  it("adds up gradients of spikes that two read", () => {
    scope("two", () => {
      const gradientsOf = (place: (x: Tensor) => Tensor) => {
        const { weights, first, second } = layers(place);
        const spikes = first();
        const direction = place(randn([2, 64, 16, 16], 4));
        const both = add(
          sum(mul(packedSum(second(spikes)), direction)),
          sum(mul(packedSum(spikes), direction)),
        );
        both.backward();
        return weights.map(({ grad }) => grad!);
      };
      const theirs = gradientsOf((x) => x);
      for (const [i, gradient] of gradientsOf(there).entries())
        expect(cosine(gradient.toFloat32Array(), theirs[i]!.toFloat32Array())).toBeGreaterThan(sameDirection);
    });
  });

  it("goes back through more neurons than wait at a time", () => {
    scope("many", () => {
      const gradientsOf = (place: (x: Tensor) => Tensor) => {
        const images = place(randn([2, 1, 3, 64, 66], 1)).setRequiresGrad(true);
        const weight = place(mul(randn([64, 3, 3, 3], 2), 0.3)).setRequiresGrad(true);
        const { counts, ...spikes } = packedConvLif(images, weight, {
          ...{ steps: 2, leak: 0.9, reset: "soft", surrogate: "linear", norm: undefined },
          ...{ threshold: place(full([1], 1)), dilation: 1, poolStride: 0 },
        });
        sum(mul(packedSum(spikes), place(randn([1, 64, 64, 66], 3)))).backward();
        return { counts, gradients: [images.grad!, weight.grad!] };
      };
      const [ours, theirs] = [gradientsOf(there), gradientsOf((x) => x)];
      for (const [t, count] of ours.counts.toNumbers().entries())
        expect(Math.abs(count - theirs.counts.toNumbers()[t]!)).toBeLessThan(1e-3 * count);
      for (const [i, gradient] of ours.gradients.entries())
        expect(difference(gradient, theirs.gradients[i]!)).toBeLessThan(2 ** -6);
    });
  });

  it("takes spikes whose carrier needs no gradient", () => {
    scope("no gradient", () => {
      const carrier = there(toDType(zeros([4, 2, 16, 16, 64]), "bfloat16"));
      const { first, second, weights } = layers(there);
      const { bits, counts, excess } = first();
      sum(packedSum(second({ bits, carrier, counts, excess }))).backward();
      expect(weights[0].grad).toBeUndefined();
      expect(weights[1].grad).toBeDefined();
    });
  });

  it("refuses what lies on two devices", () => {
    scope("two devices", () => {
      const { first } = layers(there);
      const spikes = first();
      const options = {
        steps: 4,
        leak: 0.9,
        reset: "soft",
        surrogate: "linear",
        dilation: 1,
        poolStride: 0,
      } as const;
      const neurons = { ...options, norm: undefined, threshold: there(ones([1])) };
      const weight = rand([8, 64, 3, 3], 1);
      expect(() => packedConvLif(spikes, weight, neurons)).toThrow(
        /weight: expected float32 .* received float32 .* on cpu/,
      );
      const elsewhere = { ...neurons, threshold: ones([1]) };
      expect(() => packedConvLif(spikes, there(weight), elsewhere)).toThrow(
        /threshold: expected float32 on .* received float32 .* on cpu/,
      );
    });
  });
});

describe("--precision on a GPU", () => {
  it("is fp32 where it is chosen by itself, as bits were not measured there", () => {
    expect(computingOf({ device: "cuda", precision: "auto", model: "snn" }).precision).toBe("fp32");
  });

  it.skipIf(hasFusedOperators("cuda"))(
    "bf16 is refused without kernels, for networks that bits train",
    () => {
      const network = {
        ...modelDefaults,
        kind: "snn",
        arch: "dl-vgg9",
        inputChannels: 3,
        numClasses: 4,
        timesteps: 2,
      } as const;
      const check = (precision: "bf16" | "fp32", more = {}, device = "cuda") =>
        checkTrainable({ device, precision }, { ...network, ...more });
      expect(() => check("bf16")).toThrow(
        /--precision bf16: expected kernels for GPUs .* SNNSEG_CUDA_KERNELS=1 snnseg setup/,
      );
      expect(() => check("bf16", {}, "cpu")).not.toThrow();
      expect(() => check("fp32")).not.toThrow();
      // Here bf16 is what gradients are.
      expect(() => check("bf16", { imbalance: 0.5 })).not.toThrow();
    },
  );
});
