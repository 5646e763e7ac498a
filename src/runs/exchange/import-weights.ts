/** Weights of other programs as a checkpoint that evaluation and training take. */

import { basename } from "node:path";
import { type Config, type ConfigKey, flagLayer, optionOf, resolveConfig } from "../../config/index.js";
import { datasetKind } from "../../datasets/index.js";
import { OptionError } from "../../errors.js";
import { type ModelConfig, spikingChannels } from "../../models/index.js";
import {
  checkpointPath,
  convolutionNames,
  fromReferenceLayout,
  fromReferenceThresholds,
  isTorchvisionVgg,
  type NamedArrays,
  pickleToJson,
  saveCheckpoint,
  type ThresholdType,
} from "../../serialization/index.js";
import { metaJson, modelConfigOf, optionsInForce, ownThresholds } from "../../training/index.js";
import { type GivenOptions, restoredNetwork } from "../open-run.js";
import { freshMeta } from "./fresh-meta.js";
import { importOptions } from "./import-options.js";
import { recognizeVgg, withVggFeatures } from "./import-vgg.js";
import { type OpenedArrays, openArrays, titleOf } from "./open-arrays.js";
import { kindOf, recognizeNetwork } from "./recognize.js";
import { labelPixelOfReference, optionsOfReference } from "./reference-config.js";

/** What an import has found and written. */
export interface ImportedWeights {
  /** The file that was written. */
  readonly checkpoint: string;
  /** What was read, in a few words. */
  readonly title: string;
  /** The network that was recognized; complete. */
  readonly model: ModelConfig;
  /** How many arrays were written. */
  readonly arrays: number;
  /** What of the file could not be taken over. */
  readonly notes: readonly string[];
}

/**
 * Reads a PyTorch or safetensors file, tells its network from its shapes, and saves a checkpoint.
 *
 * @param path - a file of PyTorch or safetensors; only read
 * @param out - the new checkpoint, with or without `.safetensors`
 * @param options - `options` of the network and its data, which beat what the file says; what else it does not say
 * @throws FileError or DataFormatError if the file is missing, damaged, holds more than data or no known network;
 * ShapeError if the weights do not fit the network that the options ask for; nothing is written then
 */
export async function importWeights(
  path: string,
  out: string,
  {
    options = {},
    thresholdType,
    numClasses,
  }: {
    readonly options?: GivenOptions;
    /** Of thresholds that an old file holds as a bare list. */
    readonly thresholdType?: ThresholdType | undefined;
    /** For torchvision's weights, which do not say them (default 21). */
    readonly numClasses?: number | undefined;
  } = {},
): Promise<ImportedWeights> {
  const given = flagLayer(options);
  const opened = await openArrays(path);
  const isVgg = isTorchvisionVgg(opened.tensors);
  const network = isVgg
    ? recognizeVgg(opened.tensors, { path, numClasses })
    : recognizeNetwork(fromReferenceLayout(opened.tensors, { path }), path);
  const kind = kindOf(given.values.model, network, path);
  const { arch, kernelSize, batchNorm, timesteps } = network;
  const fromFile = {
    ...optionsOfReference(opened.others.get("config"), kind),
    ...{ model: kind, arch, kernelSize, batchNorm },
    ...(timesteps === undefined || kind === "ann" ? {} : { timesteps }),
    // Only so that the options are complete; without --dataset none is recorded.
    ...(given.values.dataset === undefined ? { dataset: "digits" } : {}),
  };
  const { config } = resolveConfig([{ source: "run", where: `${path}: `, values: fromFile }, given]);
  const model = modelConfigOf(config, network);
  const threshold = model.kind === "snn" ? model.threshold : undefined;
  const layers = model.kind === "snn" ? spikingChannels(model).keys() : undefined;
  const { tensors, notes } = isVgg
    ? withVggFeatures(opened.tensors, { path, model })
    : { tensors: fromReferenceLayout(opened.tensors, { path, threshold, layers }), notes: [] };
  if (threshold !== undefined && given.values.threshold !== undefined && ownThresholds(tensors, threshold)) {
    throw new OptionError(
      `--threshold: expected none, as the layers of ${path} have thresholds of their own, received ${threshold}; leave it out`,
    );
  }
  restoredNetwork(path, { model, tensors }).dispose();
  // A backbone has learnt no labels, and some data sets have none to reduce.
  const labelPixel = given.values.labelPixel ?? labelPixelOfReference(opened.others.get("config"));
  const takesLabels =
    given.values.dataset === undefined ||
    datasetKind({ name: config.dataset }).takes.labelPixel !== undefined;
  const labels = isVgg || !takesLabels ? {} : { labelPixel };
  const isKnown = (key: ConfigKey) =>
    given.values.dataset !== undefined || optionOf(key).group !== "Data" || key === "imgSize";
  const keys = optionsInForce(config, tensors).filter((key) => importOptions.includes(key) && isKnown(key));
  const kept = Object.fromEntries(keys.map((key) => [key, config[key]]));
  await saveCheckpoint(out, {
    tensors,
    thresholds: thresholdsOf(opened, { thresholdType, timesteps: config.timesteps, tensors }),
    meta: {
      ...metaJson(freshMeta(model, { config: { ...kept, ...labels } as Partial<Config> })),
      epoch: epochOf(opened),
      importedFrom: { file: basename(path), kind: opened.kind, beside: pickleToJson(new Map(opened.others)) },
    },
  });
  const checkpoint = checkpointPath(out);
  return { checkpoint, title: titleOf(opened), model, arrays: tensors.size, notes };
}

function thresholdsOf(
  { path, others, thresholds }: OpenedArrays,
  {
    thresholdType,
    timesteps,
    tensors,
  }: { thresholdType: ThresholdType | undefined; timesteps: number; tensors: NamedArrays },
): NamedArrays {
  const value = others.get("thresholds") ?? null;
  if (value === null) return thresholds;
  const bare = thresholdType === undefined ? undefined : { type: thresholdType, timesteps };
  return fromReferenceThresholds(value, { path, layers: convolutionNames(tensors.keys()), bare });
}

function epochOf({ meta, others }: OpenedArrays): number {
  const epoch = meta?.epoch ?? others.get("epoch");
  return typeof epoch === "number" && Number.isInteger(epoch) && epoch >= 0 ? epoch : 0;
}
