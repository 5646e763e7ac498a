/** The operations that a page counts from heat maps are those that OperationCounter counts while a network runs. */
import { describe, expect, it } from "vitest";
import { OperationCounter } from "../../activity/index.js";
import { div, noGrad, rand, scope, sum, type Tensor } from "../../engine/index.js";
import { createModel, type ForwardObserver, type SnnSettings } from "../../models/index.js";
import { poissonEncoding, seededUniform } from "../../neurons/index.js";
import { countOperations, type LayerSent } from "./count-operations.js";
import { inputSpikes, layerCosts } from "./layer-costs.js";

const size = [24, 40] as const;
const lif = { kind: "snn", timesteps: 3, threshold: 0.1, inputChannels: 3, numClasses: 4 } as const;
const integers = {
  ...lif,
  timesteps: 1,
  neuron: "integer",
  levels: 4,
  norm: "affine",
  threshold: 1,
} as const;
const networks: Readonly<Record<string, SnnSettings>> = {
  "pooled spikes": { ...lif, arch: "dl-vgg9" },
  "a decoder that fires": { ...lif, arch: "fcn-vgg9" },
  "a decoder that integrates": { ...lif, arch: "fcn-vgg9", integratingDecoder: true },
  "maps side by side": { ...lif, arch: "unet", norm: "affine" },
  "depthwise layers": { ...integers, arch: "dwnet" },
};

/** Sums over channels of what each layer sends. */
class Maps implements ForwardObserver {
  readonly sent = new Map<string, LayerSent>();
  input() {}
  fired(name: string, { spikes, amplitude }: Parameters<NonNullable<ForwardObserver["fired"]>>[1]) {
    const [channels = 0, height = 0, width = 0] = spikes.shape.slice(-3);
    scope("maps", () => {
      const worth = amplitude as number;
      const maps = mapsOf(div(spikes, worth));
      this.sent.set(name, { name, shape: [channels, height, width], maps });
    });
  }
}

/** `[T, 1, C, H, W]` to `[T][H, W]`. */
function mapsOf(spikes: Tensor): Float32Array[] {
  const all = sum(spikes, [1, 2], { dtype: "float32" }).toFloat32Array();
  const length = all.length / spikes.shape[0]!;
  return Array.from({ length: spikes.shape[0]! }, (_, t) => all.slice(t * length, (t + 1) * length));
}

function compare(settings: SnnSettings, encoding: "direct" | "poisson") {
  using model = createModel(settings, { seed: 3 });
  model.setTraining(false);
  const counter = new OperationCounter(model.config, size);
  const maps = new Maps();
  return scope("compare", () =>
    noGrad(() => {
      const image = rand([1, 3, ...size], 9);
      const { timesteps } = settings as { timesteps: number };
      const input =
        encoding === "direct"
          ? image
          : poissonEncoding(
              image,
              timesteps,
              seededUniform((t) => t),
            );
      for (const observer of [counter, maps]) model.forward(input, { observer });
      const sent = [...maps.sent.values()];
      const coded = {
        name: inputSpikes,
        shape: [3, ...size] as const,
        maps: encoding === "poisson" ? mapsOf(input) : [],
      };
      const costs = layerCosts(model.config, { size, encoding });
      const { layers } = counter.operations();
      const total = (key: "accumulates" | "multiplyAccumulates") =>
        layers.reduce((a, layer) => a + layer[key], 0);
      return {
        counted: countOperations(costs, encoding === "poisson" ? [...sent, coded] : sent, timesteps),
        expected: { additions: total("accumulates"), multiplications: total("multiplyAccumulates") },
      };
    }),
  );
}

describe("countOperations", () => {
  it.each(Object.entries(networks))("counts as OperationCounter does: %s", (_, settings) => {
    const { counted, expected } = compare(settings, "direct");
    expect(expected.additions).toBeGreaterThan(1e4);
    expect(counted).toEqual(expected);
  });

  it("counts encoded input as spikes", () => {
    const { counted, expected } = compare(networks["pooled spikes"]!, "poisson");
    expect(expected.multiplications).toBe(0);
    expect(counted).toEqual(expected);
  });
});
