/** Training that goes on from another run's network: a converted ANN as a rule (hybrid training, Rathi et al. 2020). */
import type { Config, Layer } from "../config/index.js";
import { OptionError } from "../errors.js";
import type { ModelConfig, SegmentationModel } from "../models/index.js";
import { checkpointFile, loadCheckpoint, readCheckpointMeta } from "../serialization/index.js";
import { type CheckpointMeta, restoreWeights } from "./training-state.js";

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
  const { config } = (await readCheckpointMeta(file)) as unknown as CheckpointMeta;
  const { initFrom: _, ...values } = config;
  return { source: "run", where: `${file}: `, values };
}

/**
 * The network of a checkpoint, with the neurons that `config` asks for: timesteps, leak, surrogate, reset.
 *
 * @throws OptionError if `config` asks for another kind of network
 */
export async function initialNetwork(path: string, config: Config): Promise<InitialNetwork> {
  const file = await checkpointFile(path);
  const { model } = (await readCheckpointMeta(file)) as unknown as CheckpointMeta;
  if (model.kind !== config.model || model.arch !== config.arch) {
    throw new OptionError(
      `--init-from: expected --model ${model.kind} --arch ${model.arch} as in ${file}, received ${config.model} ` +
        `${config.arch}; leave both out`,
    );
  }
  const { timesteps, leak, surrogate, reset } = config;
  const modelConfig: ModelConfig =
    model.kind === "ann" ? model : { ...model, timesteps, leak, surrogate, reset };
  return {
    modelConfig,
    initialise: async (target) => restoreWeights(file, target, (await loadCheckpoint(file)).tensors),
  };
}
