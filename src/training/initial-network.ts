/** Training that goes on from another run's network: a converted ANN as a rule (hybrid training, Rathi et al. 2020). */
import { type Config, type ConfigKey, flagOf, type Layer, type ResolvedConfig } from "../config/index.js";
import { OptionError } from "../errors.js";
import type { ModelConfig, SegmentationModel, SnnConfig } from "../models/index.js";
import { checkpointFile, type NamedArrays } from "../serialization/index.js";
import { loadTrained, readTrainedMeta } from "./checkpoint-meta.js";
import { modelConfigOf, networkOptions } from "./network-from-config.js";
import { isThreshold, ownThresholds } from "./own-thresholds.js";
import { restoreWeights } from "./training-state.js";

/** Network and weights to begin with. */
export type InitialNetwork = {
  readonly modelConfig: ModelConfig;
  readonly initialise: (model: SegmentationModel) => Promise<unknown>;
};

/**
 * The options of the run behind `path`: what they say about data, network and neurons holds unless said otherwise.
 *
 * @throws FileError or DataFormatError if there is no sound checkpoint
 */
export async function initialLayer(path: string): Promise<Layer> {
  const file = await checkpointFile(path);
  const { config, model } = await readTrainedMeta(file);
  const { initFrom: _, ...values } = { ...config, ...networkOptions(model) };
  return { source: "run", where: `${file}: `, values };
}

/**
 * The network of a checkpoint, with the neurons, thresholds and activations that the options ask for.
 *
 * @throws OptionError naming the option that this network cannot follow
 */
export async function initialNetwork(path: string, resolved: ResolvedConfig): Promise<InitialNetwork> {
  const file = await checkpointFile(path);
  const { tensors, meta } = await loadTrained(file);
  const { model } = meta;
  checkFollows(model, resolved.config, file);
  const asked = modelConfigOf(resolved.config, model);
  const { init } = model;
  if (model.kind === "snn" && ownThresholds(tensors, model.threshold)) {
    refuseThreshold(model, resolved, file);
    const { threshold } = model;
    return {
      modelConfig: { ...model, ...asked, init, threshold } as ModelConfig,
      initialise: async (target) => restoreWeights(file, target, tensors),
    };
  }
  const weights = withThreshold(tensors, resolved.config.threshold);
  return {
    modelConfig: { ...model, ...asked, init } as ModelConfig,
    initialise: async (target) => restoreWeights(file, target, weights),
  };
}

/** Refuses what would need other weights. */
function checkFollows(model: ModelConfig, config: Config, file: string): void {
  const own = networkOptions(model);
  const check = (key: ConfigKey, follows: boolean, why = `as in --init-from ${file}`) => {
    if (follows) return;
    throw new OptionError(
      `${flagOf(key)}: expected ${String(own[key])}, ${why}, received ${String(config[key])}; ` +
        "leave it out, or train from the start, without --init-from",
    );
  };
  for (const key of ["model", "arch", "batchNorm", "kernelSize"] as const)
    check(key, own[key] === config[key]);
  if (model.kind === "snn") {
    const follows = !model.batchNorm || config.timesteps === model.timesteps;
    check("timesteps", follows, `for which --init-from ${file} has batch norm through time`);
    return;
  }
  const { activationLevels = 0 } = model;
  check("activationLevels", activationLevels > 0 === config.activationLevels > 0);
}

/** Thresholds that differ from layer to layer are kept, so none may be asked for. */
function refuseThreshold(model: SnnConfig, { config, sources }: ResolvedConfig, file: string): void {
  const { threshold } = config;
  const source = sources.threshold;
  const given = source === "flag" || source === "file";
  if (!given && (source === "default" || threshold === model.threshold)) return;
  throw new OptionError(
    `--threshold: expected none, as the layers of ${file} have thresholds of their own, received ${threshold}; ` +
      "leave it out, or convert again with another --scale",
  );
}

/** Weights with one threshold for all neurons; an ANN's have none. */
function withThreshold(tensors: NamedArrays, threshold: number): NamedArrays {
  return new Map(
    [...tensors].map(([name, array]) => {
      if (!isThreshold(name)) return [name, array];
      return [name, { ...array, data: new Float32Array(array.data.length).fill(threshold) }];
    }),
  );
}
