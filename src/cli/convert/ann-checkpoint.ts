/** The ANN that a conversion starts from, and the options of the spiking run that it becomes. */
import { type Layer, type ResolvedConfig, resolveConfig } from "../../config/index.js";
import { type AnnNetwork, methodTraits } from "../../conversion/index.js";
import { OptionError } from "../../errors.js";
import { checkModelConfig, createBlankModel } from "../../models/index.js";
import {
  type Checkpoint,
  checkpointFile,
  loadCheckpoint,
  type NamedArray,
  type NamedArrays,
} from "../../serialization/index.js";
import { type CheckpointMeta, restoreWeights } from "../../training/index.js";
import type { ConvertWords } from "../convert.js";

export type AnnCheckpoint = {
  readonly file: string;
  readonly checkpoint: Checkpoint;
  readonly meta: CheckpointMeta;
  readonly network: AnnNetwork;
};

/**
 * Loads the ANN of a run folder or checkpoint file.
 *
 * @throws OptionError if the network spikes already or has no batch norm to leave out, ShapeError or DataFormatError if the weights are not its own or not sound
 */
export async function loadAnn(
  path: string,
  { last, ignoreBatchNorm }: Pick<ConvertWords, "last" | "ignoreBatchNorm">,
): Promise<AnnCheckpoint> {
  const file = await checkpointFile(path, { prefer: last ? "last" : "best" });
  const checkpoint = await loadCheckpoint(file);
  const meta = checkpoint.meta as unknown as CheckpointMeta;
  const { model } = meta;
  if (model.kind !== "ann") {
    throw new OptionError(
      `convert ${file}: expected the checkpoint of an ANN, received a spiking network (${model.arch}); ` +
        "train one with --model ann and convert that",
    );
  }
  checkModelConfig(model);
  if (ignoreBatchNorm && !model.batchNorm) {
    throw new OptionError(
      `--ignore-batch-norm: expected an ANN with batch norm, received ${file}, which has none; leave --ignore-batch-norm out`,
    );
  }
  using built = createBlankModel(model);
  restoreWeights(file, built, checkpoint.tensors);
  const state = ignoreBatchNorm ? withoutStatistics(checkpoint.tensors) : checkpoint.tensors;
  return { file, checkpoint, meta, network: { config: model, state } };
}

/** What the reference converts: batch norm at its initial statistics, as if it had never seen data. */
function withoutStatistics(tensors: NamedArrays): NamedArrays {
  const initial = (name: string, array: NamedArray): NamedArray => {
    if (!name.startsWith("bn_") || !(array.data instanceof Float32Array)) return array;
    return { ...array, data: array.data.map(() => (name.endsWith("running_var") ? 1 : 0)) };
  };
  return new Map([...tensors].map(([name, array]) => [name, initial(name, array)]));
}

/** The ANN's options turned into those of a spiking run, and over them what was given now. */
export function spikingOptions(
  { file, meta, network }: AnnCheckpoint,
  { words, given }: { readonly words: ConvertWords; readonly given: Layer },
): ResolvedConfig {
  const { leakySlope: _, activationLevels: __, initFrom: ___, ...options } = meta.config;
  const { arch, kernelSize, init, leakySlope } = network.config;
  const { encoding } = methodTraits[words.method];
  const own: Layer = {
    source: "run",
    where: `${file}: `,
    values: {
      ...options,
      ...{ arch, kernelSize, init },
      model: "snn",
      batchNorm: false,
      leak: 1,
      encoding,
      imbalance: leakySlope > 0 ? leakySlope : null,
    },
  };
  return resolveConfig([own, given]);
}
