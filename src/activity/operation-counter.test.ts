import { describe, expect, it } from "vitest";
import { noGrad, rand, scope, type Tensor } from "../engine/index.js";
import {
  type ArchitectureName,
  type ArchitectureStage,
  architectureName,
  architectureNames,
  createModel,
  type JoinWay,
  layerTable,
  type ModelConfig,
  modelDefaults,
  planNetwork,
} from "../models/index.js";
import { poissonEncoding, seededUniform } from "../neurons/index.js";
import { OperationCounter } from "./operation-counter.js";
import { denseMacs, synapticLayers } from "./synaptic-layers.js";

const T = 3;
const classes = 4;
const common = { ...modelDefaults, inputChannels: 2, numClasses: classes, timesteps: T };

type Seen = { readonly shape: readonly number[]; readonly data: Float32Array };

/** Runs a network on random images and keeps every layer's input and spikes, which the counter does not. */
function run(config: ModelConfig, options: { size: [number, number]; batch: number; direct?: boolean }) {
  const { size, batch, direct = false } = options;
  using model = createModel(config, { seed: 3 });
  const counter = new OperationCounter(config, size);
  const inputs = new Map<string, Seen>();
  const spikes = new Map<string, Seen>();
  const copy = (x: Tensor): Seen => ({ shape: x.shape, data: Float32Array.from(x.toFloat32Array()) });
  noGrad(() =>
    scope("test", () => {
      const image = rand([batch, 2, ...size], 5);
      const input =
        config.kind === "ann" || direct
          ? image
          : poissonEncoding(
              image,
              T,
              seededUniform((t) => 10 + t),
            );
      model.forward(input, {
        observer: {
          input: (name, x) => {
            inputs.set(name, copy(x));
            counter.input(name, x);
          },
          fired: (name, result) => {
            spikes.set(name, copy(result.spikes));
            counter.fired(name, result);
          },
        },
      });
    }),
  );
  return { operations: counter.operations(), inputs, spikes };
}

/** Visits every pair of output position and tap of a convolution whose padding keeps the size, and adds up what it meets. */
function bruteConvolution(
  { shape, data }: Seen,
  { kernelSize, dilation, stride = 1 }: { kernelSize: number; dilation: number; stride?: number },
  cost: (value: number) => number,
): number {
  const [height = 0, width = 0] = shape.slice(-2);
  const reach = ((kernelSize - 1) / 2) * dilation;
  let total = 0;
  for (let plane = 0; plane < data.length; plane += height * width) {
    for (let y = 0; y < height; y += stride) {
      for (let x = 0; x < width; x += stride) {
        for (let ky = 0; ky < kernelSize; ky++) {
          for (let kx = 0; kx < kernelSize; kx++) {
            const row = y - reach + ky * dilation;
            const column = x - reach + kx * dilation;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            total += cost(data[plane + row * width + column]!);
          }
        }
      }
    }
  }
  return total;
}

const present = (value: number) => (value === 0 ? 0 : 1);
const elements = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);

/** Layers of dilation 2 by the paper's networks, which the brute force below knows how to count. */
const atrous = {
  "dl-vgg9": ["features.5", "features.6"],
  "dl-vgg11": ["features.6", "features.7"],
  "dl-vgg16": ["features.10", "features.11", "features.12"],
  "fcn-vgg9": [],
} satisfies Partial<Record<ArchitectureName, readonly string[]>>;
const counted = Object.keys(atrous) as (keyof typeof atrous)[];

function windowOf(config: ModelConfig, name: string) {
  const layer = synapticLayers(config, [8, 8]).find((candidate) => candidate.name === name)!;
  const arch = architectureName(config.arch);
  const dilations: Record<string, number> = {
    "classifier.0": arch.startsWith("dl") ? 12 : 1,
  };
  const kernelSize = Math.sqrt(layer.weights / (layer.input[0] * layer.output[0]));
  return {
    kernelSize,
    dilation: new Map<string, readonly string[]>(Object.entries(atrous)).get(arch)?.includes(name)
      ? 2
      : (dilations[name] ?? 1),
  };
}

/** Spikes of the layer before a pooling, counted per window. */
function windowCounts({ shape, data }: Seen, pooled: Seen): Seen {
  const [height = 0, width = 0] = shape.slice(-2);
  const [h = 0, w = 0] = pooled.shape.slice(-2);
  const strideY = h === height ? 1 : 2;
  const counts = new Float32Array(pooled.data.length);
  for (let i = 0; i < counts.length; i++) {
    const plane = Math.floor(i / (h * w)) * height * width;
    const y = Math.floor((i % (h * w)) / w) * strideY;
    const x = (i % w) * strideY;
    for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
      for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
        counts[i]! += data[plane + row * width + column]!;
      }
    }
  }
  return { shape: pooled.shape, data: counts };
}

describe.each(counted)("operations of %s", (arch) => {
  const size: [number, number] = arch === "fcn-vgg9" ? [8, 16] : [9, 6];
  const batch = 2;

  it("of the spiking network equal a count over every spike, window and tap", () => {
    const config: ModelConfig = { ...common, kind: "snn", arch, threshold: 0.5 };
    const { operations, inputs, spikes } = run(config, { size, batch });
    expect(operations).toMatchObject({ examples: batch, timesteps: T });
    const plan = synapticLayers(config, size);
    expect(operations.layers.map((layer) => layer.name)).toEqual([...inputs.keys()]);
    for (const [index, layer] of operations.layers.entries()) {
      const { source, fedBy, output, name } = plan[index]!;
      const seen = inputs.get(name)!;
      const outputs = output[0] / batch;
      const spikesOf = (cost: (value: number) => number, from: Seen = seen) =>
        layer.kind === "upsample"
          ? from.data.reduce((sum, value) => sum + 9 * cost(value), 0)
          : bruteConvolution(from, windowOf(config, name), cost);
      expect(layer.synapticOperations).toBeCloseTo(outputs * spikesOf(present), 6);
      expect(layer.passes).toBe(T);
      if (source === "scores") {
        expect(layer).toMatchObject({ input: "real", accumulates: 0 });
        expect(layer.multiplyAccumulates).toBe(9 * classes * layer.inputs * T);
      } else if (source === "pooled") {
        const counts = windowCounts(spikes.get(fedBy[0]!.name)!, seen);
        expect(layer).toMatchObject({ input: "pooled", multiplyAccumulates: 0 });
        expect(layer.accumulates).toBeCloseTo(outputs * spikesOf((k) => k, counts), 6);
        expect(layer.accumulates).toBeGreaterThan(0);
      } else {
        expect(layer).toMatchObject({ input: "events", multiplyAccumulates: 0 });
        expect(layer.accumulates).toBe(layer.synapticOperations);
        if (source === "image") expect(layer.accumulates).toBeGreaterThan(0);
      }
    }
    const fired = [...spikes.values()].reduce((sum, seen) => sum + seen.data.reduce((a, b) => a + b, 0), 0);
    expect(operations.spikes).toBeCloseTo(fired / batch, 6);
    const neurons = [...spikes.values()].reduce((sum, seen) => sum + seen.data.length / (T * batch), 0);
    expect(operations.neurons).toBe(neurons);
  });

  it("of the ANN are the dense operations inside the image, with the zeros counted beside", () => {
    const config: ModelConfig = { ...common, kind: "ann", arch };
    const { operations, inputs } = run(config, { size, batch });
    for (const layer of operations.layers) {
      const all =
        layer.kind === "upsample"
          ? 9 * layer.inputs
          : bruteConvolution(inputs.get(layer.name)!, windowOf(config, layer.name), () => 1) / batch;
      const outputs = synapticLayers(config, size).find(({ name }) => name === layer.name)!.output[0];
      expect(layer).toMatchObject({ input: "real", passes: 1, accumulates: 0 });
      expect(layer.multiplyAccumulates).toBe(outputs * all);
      expect(layer.synapticOperations).toBeLessThanOrEqual(layer.multiplyAccumulates);
    }
  });
});

describe("operations of networks with membrane shortcuts", () => {
  const windows = (config: ModelConfig) =>
    new Map(
      planNetwork(config).layers.flatMap((layer) => (layer.kind === "conv" ? [[layer.name, layer]] : [])),
    );

  it.each(["unet", "dwnet"] as const)("%s equal a count over every spike, value and tap", (arch) => {
    const size: [number, number] = [21, 34];
    const config: ModelConfig = { ...common, kind: "snn", arch, threshold: 0.3 };
    const { operations, inputs, spikes } = run(config, { size, batch: 1 });
    const convolutions = windows(config);
    for (const { name, kind, ...layer } of operations.layers) {
      const { outputs, depthwise, ...window } = convolutions.get(name) ?? {
        ...{ outputs: classes, depthwise: false, kernelSize: 1, dilation: 1 },
      };
      // Only spikes enter convolutions; each reaches the channels of the output, or of a depthwise convolution its own.
      expect(new Set(inputs.get(name)!.data), name).toEqual(new Set([0, 1]));
      const reached = bruteConvolution(inputs.get(name)!, window, present) * (depthwise ? 1 : outputs);
      expect(layer, name).toMatchObject({ input: "events", accumulates: reached, multiplyAccumulates: 0 });
      const all = bruteConvolution({ ...inputs.get(name)! }, window, () => 1) * (depthwise ? 1 : outputs);
      expect(layer.denseMacs * T, name).toBe(all);
      expect(reached, name).toBeGreaterThan(0);
    }
    const neurons = [...spikes.values()].reduce((sum, { shape }) => sum + elements(shape.slice(2)), 0);
    expect(operations.neurons).toBe(neurons);
    expect(operations.layers.reduce((sum, layer) => sum + layer.neurons, 0)).toBe(neurons);
    const row = (name: string) => operations.auxiliary.find((candidate) => candidate.name === name)!;
    expect(row("neurons").multiplyAccumulates).toBe(neurons * T);
    const normalized = operations.layers.filter(({ kind }) => kind === "conv");
    const outputs = normalized.reduce((sum, layer) => sum + layer.outputs, 0);
    expect(row("normalization").multiplyAccumulates).toBe(outputs * T);
  });

  it.each([
    ["i-lif", 1],
    ["integer", 0.3],
    ["ni-lif", 0.25],
  ] as const)("count an integer k of %s as k, behind maps that lie side by side too", (neuron, amplitude) => {
    const integers = { neuron, levels: 4, norm: "affine", threshold: 0.3 } as const;
    const config: ModelConfig = { ...common, kind: "snn", arch: "unet", ...integers };
    const { operations, inputs } = run(config, { size: [21, 34], batch: 1 });
    const convolutions = windows(config);
    let above = 0;
    for (const { name, kind, ...layer } of operations.layers.slice(1)) {
      const window = convolutions.get(name) ?? { outputs: classes, kernelSize: 1, dilation: 1 };
      const spikes = bruteConvolution(inputs.get(name)!, window, (value) => Math.round(value / amplitude));
      expect(layer, name).toMatchObject({ input: "events", accumulates: spikes * window.outputs });
      if (layer.accumulates > 1.1 * layer.synapticOperations) above++;
    }
    expect(above).toBeGreaterThan(5);
  });

  it("tell spikes that lie side by side from values that were added up or resized", () => {
    const sources = (features: readonly ArchitectureStage[]) => {
      const arch = { name: "own", decoder: "output", features, classifier: [] } as const;
      const layers = synapticLayers({ ...common, kind: "snn", arch }, [8, 8]);
      return layers.map(({ source, fedBy }) => [source, fedBy]);
    };
    const conv = (more: object = {}) => ({ kind: "conv", channels: 2, ...more }) as const;
    const keep = { kind: "keep", name: "a" } as const;
    const join = (by: JoinWay) => ({ kind: "join", name: "a", by }) as const;
    const of = (...names: string[]) => ["spikes", names.map((name) => ({ name, channels: 2 }))];
    const [image, spikes, real] = [["image", []], of("features.0"), ["scores", []]];
    const both = of("features.1", "features.0");
    expect(sources([conv(), keep, conv(), join("channels")])).toEqual([image, spikes, both]);
    expect(sources([conv(), keep, conv(), join("size")])).toEqual([image, spikes, of("features.1")]);
    expect(sources([conv(), keep, conv(), join("sum")])).toEqual([image, spikes, real]);
    expect(sources([conv(), keep, conv({ stride: 2 }), join("channels")]).at(-1)).toEqual(real);
    const shortcut = [
      conv({ fires: false }),
      keep,
      { kind: "fire" } as const,
      conv({ fires: false }),
      join("sum"),
    ];
    expect(sources([...shortcut, { kind: "fire" }])).toEqual([
      ...[image, of("features.fire2"), of("features.fire5")],
    ]);
  });
});

describe("operation counts", () => {
  it("compute a constant image once, with multiplications", () => {
    const config: ModelConfig = { ...common, kind: "snn", arch: "dl-vgg9", batchNorm: false };
    const { operations } = run(config, { size: [8, 8], batch: 1, direct: true });
    expect(operations.layers[0]).toMatchObject({ input: "real", passes: 1, accumulates: 0 });
    expect(operations.layers[0]!.multiplyAccumulates).toBe(operations.layers[0]!.denseMacs);
    expect(operations.timesteps).toBe(T);
    expect(operations.auxiliary.map(({ name }) => name)).toEqual(["neurons", "resizing"]);
  });

  it("agree with the layer table for kernels of other sizes", () => {
    for (const arch of architectureNames) {
      const config: ModelConfig = { ...common, kind: "ann", arch, kernelSize: 5 };
      const rows = new Map(layerTable(config, [16, 24]).map((row) => [row.name, row.macs]));
      for (const layer of synapticLayers(config, [16, 24])) {
        expect(denseMacs(layer)).toBe(rows.get(layer.name.replace(/^(upsample\.\d)\.0$/, "$1")));
      }
    }
  });

  it("compute a decoder that integrates once, on sums", () => {
    const fcn = { ...common, kind: "snn", arch: "fcn-vgg9", batchNorm: false, convBias: true } as const;
    const { operations } = run({ ...fcn, integratingDecoder: true }, { size: [8, 8], batch: 2 });
    const upsamplers = operations.layers.filter((layer) => layer.kind === "upsample");
    expect(upsamplers).toHaveLength(3);
    for (const layer of upsamplers) {
      expect(layer).toMatchObject({ input: "real", passes: 1, multiplyAccumulates: layer.denseMacs });
    }
    const neurons = 2 * 64 * 64 + 2 * 128 * 16 + 3 * 256 * 4 + 2 * 1024;
    const decoder = classes * (4 + 16);
    const row = (name: string) => operations.auxiliary.find((candidate) => candidate.name === name);
    expect(row("normalization")).toMatchObject({ accumulates: neurons * T });
    expect(row("neurons")).toMatchObject({ multiplyAccumulates: neurons * T });
    expect(row("skips")).toMatchObject({ accumulates: decoder + classes * 64 });
  });

  it("want an example first", () => {
    const counter = new OperationCounter({ ...common, kind: "ann", arch: "dl-vgg9" }, [8, 8]);
    expect(() => counter.operations()).toThrow(/at least one example/);
  });

  it("list what is not a synapse", () => {
    const config: ModelConfig = { ...common, kind: "snn", arch: "dl-vgg9" };
    const { operations } = run(config, { size: [8, 8], batch: 1 });
    const neurons = 2 * 64 * 64 + 2 * 128 * 16 + 3 * 256 * 4 + 1024 * 4;
    const inputs = 2 * 64 * T;
    expect(operations.neurons).toBe(neurons);
    expect(operations.auxiliary).toEqual([
      { name: "encoding", multiplyAccumulates: 0, accumulates: inputs, draws: inputs },
      {
        name: "neurons",
        multiplyAccumulates: neurons * T,
        accumulates: neurons * T + operations.spikes,
        draws: 0,
      },
      { name: "normalization", multiplyAccumulates: neurons * T, accumulates: 0, draws: 0 },
      { name: "resizing", multiplyAccumulates: 4 * classes * 64, accumulates: 0, draws: 0 },
    ]);
    const ann = run({ ...common, kind: "ann", arch: "dl-vgg9" }, { size: [8, 8], batch: 1 }).operations;
    // Windows of 3 over 8 with stride 2 start outside once: 2 + 3 + 3 + 3 elements; over 4: 2 + 3.
    expect(ann.auxiliary.find(({ name }) => name === "pooling")).toMatchObject({
      accumulates: 64 * 11 ** 2 + 128 * 5 ** 2,
      multiplyAccumulates: 64 * 16 + 128 * 4,
    });
  });
});

describe("neurons that send integers", () => {
  it("cost in every layer what their spikes cost one by one in slots", () => {
    scope("test", () => {
      using model = createModel({
        ...{ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 2, timesteps: 1 },
        ...{ neuron: "integer", levels: 3, norm: "affine", threshold: 0.5 },
      });
      noGrad(() => {
        model.forward(rand([2, 3, 12, 16], 1));
        model.setTraining(false);
        const counted = (inSlots: boolean) => {
          model.setSlots(inSlots);
          const observer = new OperationCounter(model.config, [12, 16]);
          model.forward(rand([2, 3, 12, 16], 2), { observer });
          return observer.operations();
        };
        const [whole, slots] = [counted(false), counted(true)];
        expect(whole.levels).toBe(3);
        expect(whole.spikes).toBeGreaterThan(0);
        expect(Math.abs(whole.spikes - slots.spikes) / slots.spikes).toBeLessThan(1e-3);
        for (const [i, { name, accumulates }] of whole.layers.entries()) {
          const apart = slots.layers[i]!.accumulates;
          if (i === 0) expect(accumulates, name).toBe(0);
          else expect(Math.abs(accumulates - apart) / apart, name).toBeLessThan(1e-3);
        }
      });
    });
  });
});
