/** Training that goes on from another run's network: a converted ANN as a rule (hybrid training, Rathi et al. 2020). */
import { type Config, type ConfigKey, flagOf, type Layer, type ResolvedConfig } from "../config/index.js";
import { OptionError } from "../errors.js";
import {
  type ModelConfig,
  mostSteps,
  neuronOf,
  normOf,
  type SegmentationModel,
  type SnnConfig,
} from "../models/index.js";
import { readState } from "../nn/index.js";
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
  const asked = modelConfigOf(resolved.config, model);
  const { init } = model;
  if (model.kind === "ann" && resolved.config.spikingFrom !== null) {
    checkFollows(model, { ...resolved.config, model: "ann", activationLevels: 0 }, file);
    return {
      modelConfig: { ...asked, init },
      initialise: async (target) => restoreWeights(file, target, withNeurons(tensors, target)),
    };
  }
  checkFollows(model, resolved.config, file);
  if (model.kind === "snn" && ownThresholds(tensors, model.threshold)) {
    refuseThreshold(model, resolved, file);
    const { threshold } = model;
    return {
      modelConfig: { ...unsaid(model), ...asked, init, threshold } as ModelConfig,
      initialise: async (target) => restoreWeights(file, target, tensors),
    };
  }
  const weights = withThreshold(tensors, resolved.config.threshold);
  return {
    modelConfig: { ...unsaid(model), ...asked, init } as ModelConfig,
    initialise: async (target) => restoreWeights(file, target, weights),
  };
}

/** An ANN's weights and statistics beside what only the spiking network has, such as thresholds. */
function withNeurons(tensors: NamedArrays, target: SegmentationModel): NamedArrays {
  const shared = [...tensors].filter(([name]) => !name.startsWith("act_"));
  const own = [...readState(target)].filter(([name]) => /^(lif|bn)_/.test(name) && !tensors.has(name));
  return new Map([...shared, ...own]);
}

/** What a network is beside what options say, where options go unsaid that are as usual. */
function unsaid(model: ModelConfig): Partial<ModelConfig> {
  if (model.kind === "ann") {
    const { activationLevels: _, norm: _norm, ...rest } = model;
    return rest;
  }
  const {
    neuron: _,
    levels: _levels,
    learnsThreshold: _learns,
    norm: _norm,
    spiking: _spiking,
    ...rest
  } = model;
  return rest;
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
  const asked = modelConfigOf(config, model);
  if (model.kind === "snn") {
    if (asked.kind === "ann") return;
    check("norm", normOf(model) === normOf(asked));
    const learns = (network: SnnConfig) => Object.keys(neuronOf(network).learnt ?? {}).join();
    check("neuron", learns(model) === learns(asked));
    const follows = mostSteps(model) === Number.POSITIVE_INFINITY || config.timesteps === model.timesteps;
    check("timesteps", follows, `for which --init-from ${file} has batch norm through time`);
    return;
  }
  check("norm", (own.norm ?? "plain") === (config.norm ?? "plain"));
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
