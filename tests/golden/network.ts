/** Building the network, inputs and labels of a case through the public model API. */
import { type NamedArray, scope, stack, type Tensor, tensorFrom } from "../../src/engine/index.js";
import { OptionError } from "../../src/errors.js";
import {
  createModel,
  type ModelConfig,
  modelDefaults,
  type SegmentationModel,
} from "../../src/models/index.js";
import { poissonEncoding, type SurrogateName, type UniformSource } from "../../src/neurons/index.js";
import { loadState } from "../../src/nn/index.js";
import { elements, fill, golden } from "./formula.js";
import type { GoldenInputs, GoldenParameter, NetworkConfig } from "./golden-case.js";

const surrogateNames: Readonly<Record<string, SurrogateName>> = {
  Linear: "linear",
  FastSigm: "fast-sigmoid",
  Exp: "exponential",
  PassThru: "pass-through",
};

/** Our config for a case's options, which have the reference's names. */
export function modelConfigOf(config: NetworkConfig, kind: "ann" | "snn"): ModelConfig {
  const surrogate = surrogateNames[config.grad_type ?? "Linear"];
  if (!surrogate) throw new OptionError(`golden: expected a known surrogate, received ${config.grad_type}`);
  const common = {
    arch: config.arch as ModelConfig["arch"],
    inputChannels: config.input_dim,
    numClasses: config.num_cls,
    kernelSize: modelDefaults.kernelSize,
    init: modelDefaults.init,
    batchNorm: config.bn,
  };
  if (kind === "ann") return { kind, ...common, leakySlope: config.leaky ? (config.alpha ?? 0.1) : 0 };
  return {
    kind,
    ...common,
    timesteps: config.timesteps ?? modelDefaults.timesteps,
    leak: config.leak_mem ?? modelDefaults.leak,
    threshold: config.def_threshold ?? modelDefaults.threshold,
    surrogate,
    reset: "soft",
    fullPropagation: config.full_prop ?? false,
    imbalance: config.ibt ? (config.alpha ?? 0.1) : 0,
  };
}

/** A network with a case's weights. */
export function buildNetwork(
  config: NetworkConfig,
  kind: "ann" | "snn",
  parameters: readonly GoldenParameter[],
): SegmentationModel {
  const model = createModel(modelConfigOf(config, kind));
  const { unexpected: unknown } = loadState(model, parameterValues(parameters));
  if (unknown.length > 0) throw new OptionError(`golden: the network has no parameter ${unknown.join(", ")}`);
  return model;
}

/** `bn_features.0.3.weight` (layer 0, timestep 3) in the reference is row 3 of our `bn_features.0.weight`. */
export function splitTemporalName(
  name: string,
): { readonly name: string; readonly step: number } | undefined {
  const match = /^(bn_(?:features|classifier)\.\d+)\.(\d+)((?:\.\w+)?)$/.exec(name);
  return match ? { name: `${match[1]}${match[3]}`, step: Number(match[2]) } : undefined;
}

function parameterValues(parameters: readonly GoldenParameter[]): Map<string, NamedArray> {
  const values = new Map<string, NamedArray>();
  const temporal = new Map<string, Float32Array[]>();
  for (const parameter of parameters) {
    const data = initialValues(parameter);
    const split = splitTemporalName(parameter.name);
    if (!split) {
      values.set(parameter.name, { dtype: "float32", shape: parameter.shape, data });
      continue;
    }
    const rows = temporal.get(split.name) ?? [];
    rows[split.step] = data;
    temporal.set(split.name, rows);
  }
  for (const [name, rows] of temporal) {
    const channels = rows[0]!.length;
    const data = new Float32Array(rows.length * channels);
    for (const [step, row] of rows.entries()) data.set(row, step * channels);
    values.set(name, { dtype: "float32", shape: [rows.length, channels], data });
  }
  return values;
}

/** A parameter's values before any training. */
export function initialValues(parameter: GoldenParameter): Float32Array {
  return fill(elements(parameter.shape), parameter.seed, valueRule(parameter));
}

function valueRule({ rule, a = 1, b = 0 }: GoldenParameter): (u: number) => number {
  if (rule === "bias") return (u) => 0.1 * (2 * u - 1);
  if (rule === "gamma") return (u) => 0.5 + u;
  return (u) => (2 * u - 1 + b) * a;
}

/** The uniform numbers of a case's Poisson coding: the same at every forward pass. */
export function goldenUniform(seed: number): UniformSource {
  return (shape, t) => tensorFrom(fill(elements(shape), seed + t, Math.fround), shape);
}

/** The network's input: an image, or frames of all timesteps. */
export function inputOf(inputs: GoldenInputs, timesteps: number): Tensor {
  const { kind, shape, seed, density = 0 } = inputs;
  const image = (u: number) => (2 * u - 1) * 0.5;
  if (kind === "image") return tensorFrom(fill(elements(shape), seed, image), shape);
  if (kind === "poisson") {
    return scope("poisson input", () => {
      const still = tensorFrom(fill(elements(shape), seed, image), shape);
      return poissonEncoding(still, timesteps, goldenUniform(inputs.poisson_seed ?? 0));
    });
  }
  const value = {
    frames: image,
    "events-ternary": (u: number) => (u < density / 2 ? -1 : u >= 1 - density / 2 ? 1 : 0),
    "events-binary": (u: number) => (u < density ? 1 : 0),
  }[kind];
  return scope("frame input", () => {
    const [steps = 0, ...frame] = shape;
    return stack(
      Array.from({ length: steps }, (_, t) => tensorFrom(fill(elements(frame), seed + t, value), frame)),
    );
  });
}

/** floor(u·classes) as int64. */
export function labelsOf(labels: { shape: readonly number[]; seed: number; classes: number }): Tensor {
  const data = new BigInt64Array(elements(labels.shape));
  for (let i = 0; i < data.length; i++) data[i] = BigInt(Math.floor(golden(i, labels.seed) * labels.classes));
  return tensorFrom(data, labels.shape);
}
