/** A trained network that answers. */
import { type Config, flagLayer, holdsEvents, type Layer, resolveConfig } from "../../config/index.js";
import type { Tensor } from "../../engine/index.js";
import { OptionError } from "../../errors.js";
import type { Orientation, Rgb } from "../../images/index.js";
import { createBlankModel } from "../../models/index.js";
import { derive } from "../../random/index.js";
import { checkpointFile, loadCheckpoint } from "../../serialization/index.js";
import { type CheckpointMeta, encodeInput, restoreWeights, runPath } from "../../training/index.js";
import { prepareEngine } from "../environment.js";
import { type ComputePrecision, Forward } from "../precision.js";
import type { Terminal } from "../terminal.js";
import { classPalette } from "./class-palette.js";

export interface Predictor extends Disposable {
  readonly file: string;
  readonly config: Config;
  readonly classes: readonly string[];
  readonly colors: readonly Rgb[];
  readonly forward: Forward;
  readonly batchNorm: boolean;
  /** Of a spiking network; 1 of an ANN. */
  readonly timesteps: number;
  /** How photographs are held, as in training unless asked otherwise. */
  readonly orientation: Orientation;
  /**
   * The network's input of one example.
   *
   * @param values - `[C, H, W]`, or with `frames` `[T', C, H, W]`
   * Poisson spikes depend on the seed and `window` alone, so that the answer about a picture or a recording is the same
   * whatever else is asked about beside it.
   *
   * @param window - its place in a recording (default 0)
   */
  encode(values: Float32Array, options?: { readonly window?: number; readonly frames?: number }): Tensor;
}

export interface PredictorOptions {
  readonly given: Layer;
  readonly last: boolean;
  /** Unless given, `fast` where there are kernels for the network's kind. */
  readonly precision: ComputePrecision | undefined;
  /** Answers are wanted before all timesteps have run. */
  readonly stepwise: boolean;
  readonly terminal: Terminal;
}

/**
 * Opens a run folder's best checkpoint (or its last), or a checkpoint file.
 *
 * @throws OptionError if answers are wanted step by step of a network without steps
 */
export async function openPredictor(path: string, options: PredictorOptions): Promise<Predictor> {
  const { given, last, precision, stepwise, terminal } = options;
  const file = await checkpointFile(await runPath(path), { prefer: last ? "last" : "best" });
  const { tensors, meta: json } = await loadCheckpoint(file);
  const meta = json as unknown as CheckpointMeta;
  const { model: modelConfig, config: trained, classes } = meta;
  const { config } = resolveConfig([
    { source: "run", where: `${file}: `, values: trained },
    withoutHolding(given),
  ]);
  const asked = askedOrientation(given, config);
  if (stepwise && (modelConfig.kind === "ann" || modelConfig.fullPropagation)) {
    const received = modelConfig.kind === "ann" ? "an ANN" : "one with --full-propagation";
    throw new OptionError(
      `predict ${file}: expected a spiking network for answers after each timestep, received ${received}; ` +
        "leave --anytime and --stream out",
    );
  }
  prepareEngine({ ...config, device: "cpu" });
  const model = createBlankModel(modelConfig);
  restoreWeights(file, model, tensors);
  model.setTraining(false);
  const { kind } = modelConfig;
  const forward = new Forward(model, precision ?? (kind === "ann" ? "fp32" : "fast"), terminal);
  const timesteps = modelConfig.kind === "snn" ? modelConfig.timesteps : 1;
  const input = { model: kind, encoding: config.encoding, timesteps, device: "cpu" };
  const channels = modelConfig.inputChannels;
  return {
    ...{
      file,
      config,
      classes,
      forward,
      timesteps,
      batchNorm: modelConfig.batchNorm,
      colors: await classPalette(config, classes.length),
    },
    orientation: asked ?? config.orientation ?? meta.orientation ?? "turned",
    encode(values, { window = 0, frames } = {}) {
      const batch = {
        images: values as Float32Array<ArrayBuffer>,
        shape: [1, ...(frames === undefined ? [] : [frames]), channels, ...config.imgSize],
        labels: new Uint8Array(),
        labelShape: [1, ...config.imgSize] as const,
        ids: [""],
      };
      return encodeInput(batch, input, () => derive(config.seed, "predict", window));
    },
    [Symbol.dispose]() {
      forward[Symbol.dispose]();
      model.dispose();
    },
  };
}

/** Photographs may be asked about of a network that was trained on other pictures, which have no orientation. */
function withoutHolding({ values: { orientation: _, ...values }, ...layer }: Layer): Layer {
  return { ...layer, values };
}

/** @throws OptionError if it is none, or the network is one on event frames */
function askedOrientation({ values: { orientation } }: Layer, config: Config): Orientation | null {
  if (orientation === undefined) return null;
  const photographs = holdsEvents(config) ? { dataset: config.dataset } : { dataset: "folder" };
  return resolveConfig([flagLayer({ ...photographs, root: ".", orientation })]).config.orientation;
}
