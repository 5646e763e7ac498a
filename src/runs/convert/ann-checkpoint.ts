/** The ANN that a conversion starts from, and the options of the spiking run that it becomes. */

import { flagLayer, type Layer, type ResolvedConfig, resolveConfig } from "../../config/index.js";
import { type AnnNetwork, type ConversionMethod, methodTraits } from "../../conversion/index.js";
import type { NamedArray } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import { architectureName } from "../../models/index.js";
import type { NamedArrays } from "../../serialization/index.js";
import type { TrainedCheckpoint } from "../../training/index.js";
import { type GivenOptions, loadRun, restoredNetwork } from "../open-run.js";

/** The ANN that a conversion starts from. */
export type AnnCheckpoint = {
  /** The checkpoint's file. */
  readonly file: string;
  /** All of it, as read. */
  readonly checkpoint: TrainedCheckpoint;
  /** What is converted: batch norm at its initial statistics where it is to be left out. */
  readonly network: AnnNetwork;
};

/**
 * Loads the ANN of a run.
 *
 * @throws as `loadRun`; OptionError if the network spikes already or has no batch norm to leave out, ShapeError or
 * DataFormatError if the weights are not its own or not sound
 */
export async function loadAnn(
  path: string,
  {
    last,
    ignoreBatchNorm,
  }: { readonly last?: boolean | undefined; readonly ignoreBatchNorm?: boolean | undefined },
): Promise<AnnCheckpoint> {
  const checkpoint = await loadRun(path, { last });
  const { path: file, tensors, meta } = checkpoint;
  const { model } = meta;
  if (model.kind !== "ann") {
    throw new OptionError(
      `convert ${file}: expected the checkpoint of an ANN, received a spiking network (${architectureName(model.arch)}); ` +
        "train one with --model ann and convert that",
    );
  }
  if (ignoreBatchNorm && !model.batchNorm) {
    throw new OptionError(
      `--ignore-batch-norm: expected an ANN with batch norm, received ${file}, which has none; leave --ignore-batch-norm out`,
    );
  }
  restoredNetwork(file, { model, tensors }).dispose();
  const state = ignoreBatchNorm ? withoutStatistics(tensors) : tensors;
  return { file, checkpoint, network: { config: model, state } };
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
  { file, checkpoint, network }: AnnCheckpoint,
  { method, options: given }: { readonly method: ConversionMethod; readonly options: GivenOptions },
): ResolvedConfig {
  const { leakySlope: _, activationLevels: __, initFrom: ___, ...options } = checkpoint.meta.config;
  const { arch, kernelSize, init, leakySlope } = network.config;
  const { encoding } = methodTraits[method];
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
  return resolveConfig([own, flagLayer(given)]);
}
