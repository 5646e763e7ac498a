/** A trained run opened: its network, its options, and what its checkpoint says about itself. */
import { type Config, type ConfigKey, flagLayer, resolveConfig } from "../config/index.js";
import { checkDevice } from "../engine/index.js";
import { createBlankModel, type ModelConfig, type SegmentationModel } from "../models/index.js";
import { checkpointFile, type NamedArrays } from "../serialization/index.js";
import {
  atTimesteps,
  type CheckpointMeta,
  computingOf,
  loadTrained,
  type OwnParts,
  restoreWeights,
  runPath,
  type TrainedCheckpoint,
} from "../training/index.js";

/** Options by name, as flags or code give them; they beat those that a run was trained with. */
export type GivenOptions = { readonly [K in ConfigKey]?: unknown };

/** A trained network. The owner disposes it. */
export interface OpenedRun extends Disposable {
  /** The checkpoint's file. */
  readonly file: string;
  /** What the checkpoint says about itself: classes, options of the training, scores. */
  readonly meta: CheckpointMeta;
  /** All options: those of the training, what was given now over them, and defaults. */
  readonly config: Config;
  /** In evaluation mode. */
  readonly model: SegmentationModel;
}

/** Which checkpoint of a run, and what is to be other than in training. */
export interface OpenRunOptions extends OwnParts {
  /** They beat those that the run was trained with. */
  readonly options?: GivenOptions;
  /** Of a run folder, the last checkpoint instead of the best (default false). */
  readonly last?: boolean | undefined;
}

/**
 * The checkpoint that a user means by a path, without its network.
 *
 * @param path - a run folder, whose best checkpoint is taken, its number in the list of runs, or a checkpoint file
 * @param options - best or last checkpoint, and parts of one's own
 * @throws FileError if there is none, DataFormatError if it is damaged or not one of a run, OptionError if no run has
 * that number
 * @example
 * // not run: needs a run folder
 * import { loadRun } from "snnseg/runs";
 *
 * const { path, meta, tensors } = await loadRun("runs/my-snn");
 * console.log(path, meta.scores?.meanIoU, tensors.get("features.0.weight")?.shape);
 */
export async function loadRun(
  path: string,
  { last = false, ...parts }: Omit<OpenRunOptions, "options"> = {},
): Promise<TrainedCheckpoint> {
  return loadTrained(await checkpointFile(await runPath(path), { prefer: last ? "last" : "best" }), parts);
}

/**
 * Opens a run: {@link loadRun}, and its network with the weights, on the device and with the timesteps that `options`
 * ask for.
 *
 * @param path - as in {@link loadRun}
 * @param options - options of the run to change, best or last checkpoint, and parts of one's own
 * @throws as {@link loadRun}; ShapeError if the weights are not the network's, DataFormatError if no network can have their values,
 * OptionError if an option is wrong, the device is not there, or batch norm knows fewer timesteps
 * @example
 * // not run: needs a run folder
 * import { evaluate, openRun } from "snnseg";
 * import { createEvalLoader } from "snnseg/runs";
 *
 * const run = await openRun("runs/my-snn", { options: { timesteps: 10 } });
 * const loader = await createEvalLoader(run.config, { split: "val" });
 * const { scores } = await evaluate(run.model, loader, { input: run.config });
 * console.log(run.file, scores.meanIoU);
 * await loader.close();
 * run[Symbol.dispose]();
 */
export async function openRun(
  path: string,
  { options = {}, last, ...parts }: OpenRunOptions = {},
): Promise<OpenedRun> {
  const { path: file, tensors, meta } = await loadRun(path, { last, ...parts });
  const own = { source: "run", where: `${file}: `, values: meta.config } as const;
  const { config } = resolveConfig([own, flagLayer(options)]);
  const trained = { model: meta.model, tensors };
  const { timesteps } = config;
  const network = options.timesteps === undefined ? trained : atTimesteps(trained, { timesteps, file });
  checkDevice(config.device);
  const model = restoredNetwork(file, network, computingOf(config));
  return { file, meta, config, model, [Symbol.dispose]: () => model.dispose() };
}

/**
 * A network with weights from a file, in evaluation mode. The caller disposes it.
 *
 * @throws ShapeError if they are not its own, DataFormatError if no network can have their values
 */
export function restoredNetwork(
  file: string,
  { model: config, tensors }: { readonly model: ModelConfig; readonly tensors: NamedArrays },
  computing: Parameters<typeof createBlankModel>[1] = {},
): SegmentationModel {
  const model = createBlankModel(config, computing);
  try {
    restoreWeights(file, model, tensors);
  } catch (error) {
    model.dispose();
    throw error;
  }
  model.setTraining(false);
  return model;
}
