/**
 * Batch norm of a trained ANN folded into the weights and biases before it, so that neurons see what ReLU saw.
 *
 * The reference leaves this out, and its converted networks lose what batch norm had learnt.
 * Rueckauer, Lungu, Hu, Pfeiffer & Liu 2017, doi:10.3389/fnins.2017.00682.
 */
import type { NamedArray } from "../engine/index.js";
import { ConversionError } from "../errors.js";
import { type AnnConfig, companion, planNetwork } from "../models/index.js";
import { BATCH_NORM_EPS } from "../nn/index.js";

/** An ANN outside the engine. */
export interface AnnNetwork {
  /** What network. */
  readonly config: AnnConfig;
  /** Weights and statistics under PyTorch's names, as `readState` of `snnseg/nn` gives them. */
  readonly state: ReadonlyMap<string, NamedArray>;
}

/**
 * The same function without batch norm: every hidden convolution, and DeepLab's output, has a bias.
 *
 *     w' = γ·w / σ,  b' = γ·(b − μ) / σ + β,  σ = sqrt(var + eps)   per output channel; γ = 1 and β = 0 where none is learnt
 *
 * @param network - with running statistics; read, never written
 * @throws ConversionError if a tensor is missing or not finite
 * @example
 * import { createModel } from "snnseg";
 * import { foldBatchNorm } from "snnseg/conversion";
 * import { readState } from "snnseg/nn";
 *
 * const ann = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
 * const folded = foldBatchNorm({ config: ann.config, state: readState(ann) });
 * console.log(folded.config.batchNorm, folded.state.has("features.0.bias")); // false true
 * ann.dispose();
 */
export function foldBatchNorm({ config, state }: AnnNetwork): AnnNetwork {
  const folded = new Map<string, NamedArray>();
  for (const [name, array] of state) {
    checkFinite(name, array);
    if (!name.startsWith("bn_")) folded.set(name, array);
  }
  const plan = planNetwork(config);
  for (const layer of plan.layers) {
    if (layer.kind !== "conv") continue;
    const weight = floats(state, `${layer.name}.weight`);
    const bias = state.has(`${layer.name}.bias`)
      ? floats(state, `${layer.name}.bias`)
      : new Float32Array(layer.outputs);
    const norm = config.batchNorm ? runningStatistics(state, companion("bn", layer.name)) : undefined;
    const perOutput = weight.length / layer.outputs;
    const sigma = (o: number) => (norm ? Math.sqrt(norm.variance[o]! + BATCH_NORM_EPS) / norm.scale(o) : 1);
    const shape = state.get(`${layer.name}.weight`)!.shape;
    folded.set(`${layer.name}.weight`, {
      dtype: "float32",
      shape,
      data: weight.map((w, i) => w / sigma(Math.floor(i / perOutput))),
    });
    folded.set(`${layer.name}.bias`, {
      dtype: "float32",
      shape: [layer.outputs],
      data: bias.map((b, o) => (b - (norm?.mean[o] ?? 0)) / sigma(o) + (norm?.shift(o) ?? 0)),
    });
  }
  if (plan.output !== undefined && !folded.has(`${plan.output.name}.bias`)) {
    const data = new Float32Array(config.numClasses);
    folded.set(`${plan.output.name}.bias`, { dtype: "float32", shape: [config.numClasses], data });
  }
  const { norm: _, ...rest } = config;
  return { config: { ...rest, batchNorm: false, convBias: true }, state: folded };
}

/** The values of a float32 tensor. */
export function floats(state: ReadonlyMap<string, NamedArray>, name: string): Float32Array {
  const data = state.get(name)?.data;
  if (data instanceof Float32Array) return data;
  throw new ConversionError(
    `convert: expected float32 values ${name}, received ${data === undefined ? "none" : "another type"}; ` +
      "use a checkpoint that snnseg trained or imported",
  );
}

function runningStatistics(state: ReadonlyMap<string, NamedArray>, norm: string) {
  const learnt = (name: string) =>
    state.has(`${norm}.${name}`) ? floats(state, `${norm}.${name}`) : undefined;
  const [scale, shift] = [learnt("weight"), learnt("bias")];
  return {
    scale: (o: number) => scale?.[o] ?? 1,
    shift: (o: number) => shift?.[o] ?? 0,
    mean: floats(state, `${norm}.running_mean`),
    variance: floats(state, `${norm}.running_var`),
  };
}

function checkFinite(name: string, { data }: NamedArray): void {
  if (!(data instanceof Float32Array)) return;
  const index = data.findIndex((value) => !Number.isFinite(value));
  if (index < 0) return;
  throw new ConversionError(
    `convert: expected finite weights, received ${data[index]} in ${name}; the training diverged, use an earlier checkpoint`,
  );
}
