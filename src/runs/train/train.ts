/** Training as one call. */
import { flagLayer, presetLayer, resolveConfig } from "../../config/index.js";
import { initialLayer, RunFolder, resumedConfig, type TrainingObserver } from "../../training/index.js";
import type { Listener } from "../listener.js";
import type { GivenOptions } from "../open-run.js";
import { type RankOptions, type TrainedNetwork, trainNetwork } from "./train-network.js";

/** Where a training writes, and who watches it. */
export interface TrainOptions {
  /** The run's folder (default: a fresh one under `runs`). */
  readonly run?: string;
  /** Go on where the run in that folder stopped (default false). */
  readonly resume?: boolean;
  /** Stops after the step under way, with a checkpoint to go on from. */
  readonly signal?: AbortSignal;
  /** Told of steps, epochs and evaluations. */
  readonly observer?: TrainingObserver;
  /** Told of warnings. */
  readonly listener?: Listener;
  /** This process's place among several that train together (default: it is alone). */
  readonly ranks?: RankOptions;
}

/**
 * Trains a network as `snnseg train` does: the same options, files and numbers.
 *
 * @param options - by name, as in docs/options.md; `preset` is a named set of them, which the others override
 * @param hooks - the run's folder, whether to go on in it, and who watches or stops it
 * @throws OptionError if an option is wrong or the folder holds a run already; FileError or DataFormatError if the data
 * cannot be used; DivergenceError if the loss is no longer finite
 * @example
 * // not run: needs a data set
 * import { train } from "snnseg";
 *
 * const { best, folder } = await train({ preset: "quick", dataset: "folder", root: "mydata" }, { run: "runs/mine" });
 * console.log(best?.meanIoU, folder.report);
 */
export async function train(
  { preset, ...options }: GivenOptions & { readonly preset?: string },
  { run, resume = false, signal, observer = {}, listener = {}, ranks }: TrainOptions = {},
): Promise<TrainedNetwork> {
  const given = flagLayer(run === undefined ? options : { ...options, run });
  const hooks = { signal: () => signal, listener, observe: () => observer, ranks };
  if (resume && run !== undefined) {
    const { config, ...order } = await resumedConfig(new RunFolder(run), [given]);
    return trainNetwork({ ...order, config: { ...config, run }, begin: "resume" }, hooks);
  }
  const layers = [
    ...(preset === undefined ? [] : [presetLayer(preset)]),
    ...(typeof options.initFrom === "string" ? [await initialLayer(options.initFrom)] : []),
    given,
  ];
  return trainNetwork({ ...resolveConfig(layers), preset, begin: "fresh" }, hooks);
}
