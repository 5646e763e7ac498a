/** Fused networks against their own forward, and what the operators refuse. */
import { describe, expect, it } from "vitest";
import {
  call,
  copyInto,
  full,
  liveTensors,
  type NamedArray,
  narrow,
  noGrad,
  ones,
  rand,
  randn,
  reshape,
  scope,
  type Tensor,
  tensorFrom,
  zeros,
} from "../engine/index.js";
import { NativeError, OptionError, ShapeError } from "../errors.js";
import {
  architectureNames,
  createModel,
  kernelsObstacle,
  modelDefaults,
  planNetwork,
  type SnnConfig,
  type SnnModel,
  SpikingState,
} from "../models/index.js";
import { poissonEncoding, seededUniform } from "../neurons/index.js";
import { loadState, readState } from "../nn/index.js";
import {
  type FoldedNeurons,
  type FusedPrecision,
  fuseSnn,
  fusionObstacle,
  instructionSet,
  lifSpikes,
  type PackOptions,
  packConv,
  spikeConv,
  spikeConvLif,
} from "./index.js";

/**
 * Of a layer's spikes, the share by which the counts may differ; and of the largest score, the share by which scores
 * differ in the mean. The test's weights are multiples of 1/127 of their channel's largest, which every form but int16
 * holds exactly; but where rounding moves one neuron across its threshold, hundreds behind it see another input.
 */
const CLOSE = { spikes: 0.01, scores: 0.01 };
const TOLERANCE: Readonly<Record<FusedPrecision, { readonly spikes: number; readonly scores: number }>> =
  instructionSet() === "amx"
    ? { exact: CLOSE, fast: CLOSE, int8: CLOSE }
    : { exact: CLOSE, fast: { spikes: 0.2, scores: 0.2 }, int8: { spikes: 0.2, scores: 0.2 } };

type Change = Partial<SnnConfig>;

/** What each unchanged architecture's network has learnt and seen, which takes a while to make. */
const seen = new Map<string, ReadonlyMap<string, NamedArray>>();

/** A network in evaluation whose batch norm has seen data, so that spikes reach its end. */
function network(arch: SnnConfig["arch"], change: Change = {}): SnnModel {
  const key = typeof arch === "string" && Object.keys(change).length === 0 ? arch : undefined;
  const known = key === undefined ? undefined : seen.get(key);
  const config = {
    ...modelDefaults,
    kind: "snn",
    arch,
    inputChannels: 3,
    numClasses: 5,
    timesteps: 3,
  } as const;
  const model = createModel({ ...config, ...change }, { seed: 2 });
  loadState(model, known ?? quantized(readState(model)));
  if (model.config.batchNorm && known === undefined) {
    scope("settle", () => {
      noGrad(() => {
        for (let k = 0; k < 8; k++) model.forward(poisson([1, 3, 33, 20], model.config.timesteps, k));
      });
    });
  }
  model.setTraining(false);
  if (key !== undefined && known === undefined) seen.set(key, readState(model));
  return model;
}

/** The weights of hidden convolutions as multiples of 1/127 of their channel's largest. */
function quantized(values: Map<string, NamedArray>): Map<string, NamedArray> {
  for (const [name, value] of values) {
    if (!/^(features|classifier)\.\d+\.weight$/.test(name)) continue;
    const data = Float32Array.from(value.data as Float32Array);
    const size = data.length / value.shape[0]!;
    for (let start = 0; start < data.length; start += size) {
      const end = start + size;
      let largest = 0;
      for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(data[i]!));
      for (let i = start; i < end; i++) data[i] = Math.round((127 * data[i]!) / largest) / 512;
    }
    values.set(name, { ...value, data });
  }
  return values;
}

function poisson(shape: readonly number[], steps: number, seed: number): Tensor {
  return poissonEncoding(
    randn(shape, seed),
    steps,
    seededUniform((t) => 1000 * seed + t),
  );
}

function compare(model: SnnModel, input: Tensor, precision: FusedPrecision): { spikes: number } {
  const [height = 0, width = 0] = input.shape.slice(-2);
  using fused = fuseSnn(model, { height, width, precision });
  return scope("compare", () => {
    const expected = noGrad(() => model.forward(input));
    const received = fused.forward(input);
    const { spikes: spikeShare, scores: scoreShare } = TOLERANCE[precision];
    let spikes = 0;
    expect(received.activity.map(({ name, neurons }) => [name, neurons])).toEqual(
      expected.activity.map(({ name, neurons }) => [name, neurons]),
    );
    for (const [index, layer] of expected.activity.entries()) {
      const total = layer.spikes.reduce((sum, count) => sum + count, 0);
      const difference = received.activity[index]!.spikes.reduce(
        (sum, count, t) => sum + Math.abs(count - layer.spikes[t]!),
        0,
      );
      expect(difference, layer.name).toBeLessThanOrEqual(1 + spikeShare * total);
      spikes += total;
    }
    const [a, b] = [expected.logits.toFloat32Array(), received.logits.toFloat32Array()];
    const largest = a.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const mean = a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
    expect(received.logits.shape).toEqual(expected.logits.shape);
    expect(mean).toBeLessThanOrEqual(scoreShare * largest);
    return { spikes };
  });
}

const fusible = architectureNames.filter((arch) => {
  const settings = { ...modelDefaults, kind: "snn", arch, inputChannels: 3, numClasses: 5 } as const;
  return kernelsObstacle(planNetwork(settings)) === undefined;
});

describe.each(fusible)("%s fused", (arch) => {
  it.each(["exact", "fast", "int8"] as const)("equals its own forward on Poisson spikes, %s", (precision) => {
    using model = network(arch);
    scope("test", () => {
      expect(compare(model, poisson([1, 3, 33, 20], 3, 40), precision).spikes).toBeGreaterThan(1000);
    });
  });

  it("takes still images and real-valued frames of odd sizes", () => {
    using model = network(arch);
    scope("test", () => {
      compare(model, randn([1, 3, 17, 24], 41), "exact");
      compare(model, randn([3, 1, 3, 17, 24], 42), "exact");
    });
  });
});

describe("fuseSnn", () => {
  it("runs any number of timesteps where they share a norm, and says where they do not", () => {
    using shared = network("dl-vgg9", { norm: "affine" });
    using timed = network("dl-vgg9", { norm: "tebn" });
    scope("test", () => {
      const frames = poisson([1, 3, 33, 20], 5, 40);
      expect(compare(shared, frames, "exact").spikes).toBeGreaterThan(1000);
      using fused = fuseSnn(timed, { height: 33, width: 20, precision: "exact" });
      expect(() => fused.forward(frames)).toThrow(
        "expected at most 3 timesteps, as its batch norm knows, received 5",
      );
      expect(() => timed.forward(frames)).toThrow(
        "expected at most 3 timesteps, as its batch norm knows, received 5",
      );
    });
  });

  it.each<[string, Change]>([
    ["one timestep", { timesteps: 1 }],
    ["hard reset", { reset: "hard" }],
    ["a threshold per channel", { thresholdShapes: { "features.1": [64] } }],
    ["biases and initial membranes", { batchNorm: false, convBias: true, initialMembrane: 0.5 }],
    ["an integrating decoder", { arch: "fcn-vgg9", integratingDecoder: true }],
    ["no leak", { leak: 1 }],
    ["a norm that timesteps share", { norm: "plain" }],
    ["its scale and shift", { norm: "affine" }],
    ["one that began at the threshold", { norm: "tdbn", threshold: 0.5 }],
    ["factors per timestep", { norm: "tebn" }],
  ])("keeps %s", (_, change) => {
    using model = network(change.arch ?? "dl-vgg9", change);
    const values = readState(model);
    for (const [name, value] of values) {
      if (name.endsWith(".p")) {
        values.set(name, { ...value, data: Float32Array.of(0.5, 1.5, 0.75) });
      }
      if (!name.endsWith(".bias")) continue;
      values.set(name, {
        ...value,
        data: Float32Array.from({ length: value.data.length }, (_, i) => (i % 5) / 8),
      });
    }
    loadState(model, values);
    if (change.thresholdShapes) {
      model
        .spikingLayers()
        .get("features.1")!
        .setThreshold(scope("thresholds", () => call("aten::linspace", [0.5, 2, 64])));
    }
    scope("test", () => {
      expect(
        compare(model, poisson([1, 3, 20, 16], model.config.timesteps, 43), "exact").spikes,
      ).toBeGreaterThan(100);
    });
  });

  it.each(["dl-vgg9", "fcn-vgg9"] as const)("%s gives the same scores frame by frame", (arch) => {
    using model = network(arch, { initialMembrane: 0.25 });
    using fused = fuseSnn(model, { height: 20, width: 16, precision: "fast" });
    scope("stream", () => {
      const frames = poisson([2, 3, 20, 16], 3, 44);
      const whole = fused.forward(frames);
      using state = new SpikingState();
      const spikes = [0, 1, 2].map((t) =>
        fused.step(reshape(narrow(frames, 0, t, 1), [2, 3, 20, 16]), state).map((layer) => layer.spikes[0]),
      );
      expect(whole.activity.map((layer) => layer.spikes)).toEqual(
        whole.activity.map((_, index) => spikes.map((step) => step[index])),
      );
      expect(fused.readOut(state).toFloat32Array()).toEqual(whole.logits.toFloat32Array());
    });
  });

  it.each(["dl-vgg9", "fcn-vgg9"] as const)(
    "%s keeps its results when the network changes or is freed",
    (arch) => {
      const model = network(arch);
      using fused = fuseSnn(model, { height: 16, width: 16, precision: "exact" });
      scope("snapshot", () => {
        // Real values go through libtorch's convolution, which reads the first layer's weights unpacked.
        const input = rand([1, 3, 16, 16], 46);
        const whole = () => [...fused.forward(input).logits.toFloat32Array()];
        const before = whole();
        expect(new Set(before).size).toBeGreaterThan(1);
        noGrad(() => {
          for (const tensor of model.state().values()) copyInto(tensor, full(tensor.shape, 0.25));
        });
        expect(whole()).toEqual(before);
        model.dispose();
        expect(whole()).toEqual(before);
      });
    },
  );

  it("frees packed weights and everything it made", () => {
    using model = network("fcn-vgg9");
    const before = liveTensors();
    {
      using fused = fuseSnn(model, { height: 16, width: 16, precision: "fast" });
      scope("test", () => fused.forward(rand([1, 3, 16, 16], 45)).logits.toFloat32Array());
    }
    expect(liveTensors()).toBe(before);
  });

  it("refuses inputs of another size, other channels or too many timesteps", () => {
    using model = network("dl-vgg9");
    using fused = fuseSnn(model, { height: 16, width: 16, precision: "fast" });
    scope("test", () => {
      expect(() => fused.forward(zeros([1, 3, 16, 20]))).toThrow(ShapeError);
      expect(() => fused.forward(zeros([1, 2, 16, 16]))).toThrow(ShapeError);
      expect(() => fused.forward(zeros([4, 1, 3, 16, 16]))).toThrow(/at most 3 timesteps/);
    });
  });

  it.each<[RegExp, Change]>([
    [/--imbalance/, { imbalance: 2 }],
    [/--full-propagation/, { fullPropagation: true }],
    [/features\.0 have a threshold each/, { thresholdShapes: { "features.0": [64, 16, 16] } }],
  ])("says why it cannot: %s", (reason, change) => {
    using model = createModel({
      ...{ ...modelDefaults, kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 5, timesteps: 2 },
      ...change,
    }) as SnnModel;
    expect(fusionObstacle(model)).toMatch(reason);
    expect(() => fuseSnn(model, { height: 16, width: 16, precision: "fast" })).toThrow(OptionError);
  });
});

describe("operators on bits", () => {
  const place = { size: [8, 8], dilation: 1, poolStride: 0, input: "bits", precision: "exact" } as const;

  it("throw on tensors that are no packed convolution, and on ones that were freed", () => {
    scope("test", () => {
      const bits = zeros([1, 8, 8, 1], { dtype: "int64" });
      expect(() => spikeConv(tensorFrom(new BigInt64Array([123n]), [1]), bits)).toThrow(NativeError);
      expect(() => spikeConv(bits, bits)).toThrow(/pack_conv/);
      const conv = packConv(randn([4, 3, 3, 3], 1), place);
      expect(() => spikeConv(call("aten::clone", [conv]), bits)).toThrow(NativeError);
      expect(spikeConv(conv, bits).shape).toEqual([1, 4, 8, 8]);
    });
  });

  it("throw on wrong shapes", () => {
    scope("test", () => {
      const conv = packConv(randn([4, 3, 3, 3], 1), place);
      expect(() => spikeConv(conv, zeros([1, 8, 9, 1], { dtype: "int64" }))).toThrow(NativeError);
      expect(() => spikeConv(conv, zeros([1, 8, 8, 1]))).toThrow(NativeError);
      expect(() => packConv(zeros([4, 3, 3, 1]), place)).toThrow(NativeError);
      const neurons = { leak: 1, hardReset: false, threshold: ones([3]) };
      expect(() => lifSpikes(zeros([2, 4, 8, 8]), 1, neurons)).toThrow(/threshold/);
      expect(() => lifSpikes(zeros([2, 3, 8, 8]), 3, neurons)).toThrow(/divisor/);
      const membrane = zeros([2, 3, 8, 8]);
      expect(() => lifSpikes(zeros([2, 3, 8, 8]), 1, { ...neurons, membrane })).toThrow(/membrane/);
    });
  });

  it.each(["exact", "fast", "int8"] as const)("refuse weights that are no numbers, %s", (precision) => {
    scope("test", () => {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        const weight = full([4, 3, 3, 3], value);
        expect(() => packConv(weight, { ...place, precision })).toThrow(/finite/);
      }
    });
  });

  it.each<[RegExp, Partial<PackOptions>]>([
    [/dilation/, { dilation: -1 }],
    [/dilation/, { dilation: 2 ** 31 }],
    [/poolStride/, { poolStride: -1 }],
    [/size/, { size: [2 ** 40, 8] }],
    [/size: expected a map/, { size: [32768, 4096] }],
    [/size/, { size: [0, 8] }],
  ])("refuse a place that is none: %s", (reason, change) => {
    scope("test", () => {
      expect(() => packConv(randn([4, 3, 3, 3], 1), { ...place, ...change })).toThrow(reason);
    });
  });

  it("refuse bytes of -128, which no form computes with", () => {
    scope("test", () => {
      const conv = packConv(randn([4, 3, 3, 3], 1), { ...place, input: "bytes" });
      const bytes = (value: number) => full([1, 8, 8, 3], value, { dtype: "int8" });
      expect(() => spikeConv(conv, bytes(-128))).toThrow(/-127 to 127/);
      expect(spikeConv(conv, bytes(-127)).shape).toEqual([1, 4, 8, 8]);
    });
  });

  it.each<[RegExp, () => Partial<FoldedNeurons>]>([
    [/threshold/, () => ({ threshold: full([3], -1) })],
    [/threshold/, () => ({ threshold: full([3], Number.NaN) })],
    [/threshold: expected float32 \[3\]/, () => ({ threshold: ones([4]) })],
    [/scale: expected finite numbers/, () => ({ scale: full([1, 3], Number.NaN) })],
    [/shift: expected float32 \[1, 3\]/, () => ({ shift: ones([3]) })],
    [/leak/, () => ({ leak: 0 })],
    [/leak/, () => ({ leak: Number.NaN })],
    [
      /membrane: expected float32 \[2, 8, 8, 3\]/,
      () => ({ membrane: zeros([2, 8, 8, 3], { dtype: "float64" }) }),
    ],
    [/membrane: expected contiguous/, () => ({ membrane: expand(zeros([1, 8, 8, 3]), [2, 8, 8, 3]) })],
  ])("refuse neurons of %s", (reason, change) => {
    scope("test", () => {
      const neurons = { leak: 1, hardReset: false, threshold: ones([3]), ...change() };
      expect(() => lifSpikes(zeros([2, 3, 8, 8]), 1, neurons)).toThrow(reason);
      const conv = packConv(randn([3, 3, 3, 3], 1), place);
      expect(() => spikeConvLif(conv, zeros([2, 8, 8, 1], { dtype: "int64" }), 1, neurons)).toThrow(reason);
    });
  });
});

const expand = (x: Tensor, shape: readonly number[]) => call("aten::expand", [x, shape]);
