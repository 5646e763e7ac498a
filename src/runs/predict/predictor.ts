/** A trained network that answers. */
import { type Config, flagLayer, holdsEvents, resolveConfig } from "../../config/index.js";
import type { Tensor } from "../../engine/index.js";
import { prepareEngine } from "../../environment/index.js";
import { OptionError } from "../../errors.js";
import type { Orientation, Rgb } from "../../images/index.js";
import { type ComputePrecision, checkComputing, Forward } from "../../inference/index.js";
import { derive } from "../../random/index.js";
import { encodeInput } from "../../training/index.js";
import type { Listener } from "../listener.js";
import { type OpenedRun, type OpenRunOptions, openRun } from "../open-run.js";
import { classPalette } from "./class-palette.js";

/** A trained network opened for answers. The owner disposes it. */
export interface Predictor extends Disposable {
  /** The checkpoint's file. */
  readonly file: string;
  /** All options: those of the training, what was given now over them, and defaults. */
  readonly config: Config;
  /** Names of the classes, in the order of the scores. */
  readonly classes: readonly string[];
  /** A colour for each class, 0 … 255: the data set's, else of a palette. */
  readonly colors: readonly Rgb[];
  /** Computes scores of what `encode` gives. */
  readonly forward: Forward;
  /** Whether the network has batch norm. */
  readonly batchNorm: boolean;
  /** Of a spiking network; 1 of an ANN. */
  readonly timesteps: number;
  /** How photographs are held, as in training unless asked otherwise. */
  readonly orientation: Orientation;
  /**
   * The network's input of one example. Poisson spikes depend on the seed and `window` alone, so that the answer about a
   * picture or a recording is the same whatever else is asked about beside it.
   *
   * @param values - `[C, H, W]` of the size `imgSize`, or with `frames` `[T', C, H, W]`
   * @param options - `window`: its place in a recording (default 0); `frames`: T' of a sequence
   */
  encode(values: Float32Array, options?: { readonly window?: number; readonly frames?: number }): Tensor;
}

/** Which checkpoint, and how its network answers. */
export interface PredictorOptions extends OpenRunOptions {
  /** Unless given, `fast` where there are kernels for the network's kind: of spiking networks on the CPU. */
  readonly precision?: ComputePrecision | undefined;
  /** Answers are wanted before all timesteps have run (default false). */
  readonly stepwise?: boolean;
  /** Hears why the network's own forward runs, where it cannot be fused. */
  readonly listener?: Listener;
}

/**
 * Opens a run's network to ask it: on the CPU, unless `options` name another device.
 *
 * @param path - as in {@link loadRun}
 * @param options - `precision` of the run is overruled; `orientation` may be asked for of any network of pictures
 * @throws as `openRun`; OptionError if answers are wanted step by step of a network without steps, or in a precision that is the CPU's
 *   on another device
 */
export async function openPredictor(
  path: string,
  { options = {}, precision, stepwise = false, listener = {}, ...opening }: PredictorOptions = {},
): Promise<Predictor> {
  // Photographs may be asked about of a network that was trained on other pictures, which have no orientation.
  const { orientation: held, ...others } = options;
  const { device = "cpu" } = others;
  if (precision !== undefined) checkComputing(precision, String(device));
  const run = await openRun(path, { options: { ...others, device, precision: "fp32" }, ...opening });
  try {
    const { file, config, model, meta } = run;
    const orientation = askedOrientation(held, config) ?? config.orientation ?? meta.orientation ?? "turned";
    if (stepwise) checkSteps(run);
    prepareEngine(config);
    const { kind, inputChannels: channels, batchNorm } = model.config;
    const timesteps = model.config.kind === "snn" ? model.config.timesteps : 1;
    const input = { model: kind, encoding: config.encoding, timesteps, device: config.device };
    const { classes } = meta;
    const colors = await classPalette(config, classes.length);
    const warn = (message: string) => listener.warn?.(message);
    const usual = kind === "ann" || config.device !== "cpu" ? "fp32" : "fast";
    const forward = new Forward(model, { precision: precision ?? usual, warn });
    return {
      ...{ file, config, classes, colors, forward, timesteps, batchNorm, orientation },
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
        run[Symbol.dispose]();
      },
    };
  } catch (error) {
    run[Symbol.dispose]();
    throw error;
  }
}

/** @throws OptionError if there is no answer after each timestep */
function checkSteps({ file, model: { config } }: OpenedRun): void {
  if (config.kind === "snn" && !config.fullPropagation) return;
  const received = config.kind === "ann" ? "an ANN" : "one with --full-propagation";
  throw new OptionError(
    `predict ${file}: expected a spiking network for answers after each timestep, received ${received}; ` +
      "leave --anytime and --stream out",
  );
}

/** @throws OptionError if it is none, or the network is one on event frames */
function askedOrientation(orientation: unknown, config: Config): Orientation | null {
  if (orientation === undefined) return null;
  const photographs = holdsEvents(config) ? { dataset: config.dataset } : { dataset: "folder" };
  return resolveConfig([flagLayer({ ...photographs, root: ".", orientation })]).config.orientation;
}
