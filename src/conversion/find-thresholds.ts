/**
 * The paper's search: layer by layer from the input on, ϑ becomes the largest current that a calibration batch sends
 * to a layer (to a channel, to a neuron) while the layers before it fire with the thresholds they have found.
 *
 * Kim, Chough & Panda 2022, arXiv:2110.07742, after Sengupta et al. 2019, arXiv:1802.02627. Unlike the reference, all
 * layers see the same batches, and a current equal to the largest so far changes nothing.
 */
import { checkInteger, checkOneOf } from "../checks/index.js";
import { amax, scope, type Tensor, tensorFrom } from "../engine/index.js";
import { ConversionError } from "../errors.js";
import {
  type FrameSource,
  type RunFramesOptions,
  runFrames,
  SeenEnough,
  type SnnModel,
  SpikingState,
  stepsAtOnce,
} from "../models/index.js";
import { type ThresholdType, thresholdTypes } from "../serialization/index.js";
import { inEvaluation } from "./in-evaluation.js";
import type { Threshold, Thresholds } from "./layer-thresholds.js";

/** What {@link findThresholds} looks for. */
export interface FindOptions extends Pick<RunFramesOptions, "activationBytes"> {
  /** One threshold a layer, a channel or a neuron. */
  readonly type: ThresholdType;
  /** T: timesteps of the search (default: those of the network). */
  readonly timesteps?: number;
  /**
   * Called once a layer's thresholds are in place, before anything behind it runs.
   *
   * @param layer - name of the spiking layer
   * @param found - thresholds of this layer and of all before it
   */
  readonly onFound?: (layer: string, found: Thresholds) => void;
}

/**
 * Finds and sets the thresholds of all spiking layers: each becomes the largest current that reaches its layer while
 * those before it fire with theirs.
 *
 *     ϑ_l = max over batch and time of i_l[t],  at least 0
 *
 * @param model - its thresholds are set; runs in evaluation mode, its mode is put back
 * @param batches - the input of each calibration batch
 * @param options - type, timesteps, memory of a chunk
 * @throws ConversionError if a whole layer never receives a current above 0, OptionError for an unknown type or
 *   timesteps that are no integer of 1 or more
 */
export function findThresholds(
  model: SnnModel,
  batches: readonly FrameSource[],
  { type, timesteps = model.config.timesteps, onFound, ...budget }: FindOptions,
): Thresholds {
  checkOneOf("find thresholds", "type", type, thresholdTypes);
  checkInteger("find thresholds", "timesteps", timesteps);
  const found = new Map<string, Threshold>();
  const settle = (name: string, threshold: Threshold) => {
    checkSomeCurrent(name, threshold, timesteps);
    found.set(name, threshold);
    model.spikingLayers().get(name)!.setThreshold(tensorFrom(threshold.data, threshold.shape));
    onFound?.(name, found);
  };
  return inEvaluation(model, () => {
    const [only] = batches;
    if (only !== undefined && batches.length === 1 && timesteps <= stepsAtOnce(model.config, only, budget)) {
      // All currents of a layer come at once, so one pass finds the thresholds of all.
      const current = (name: string, x: Tensor) => settle(name, maximum(x, type));
      using state = new SpikingState();
      runFrames(model, only, { state, timesteps, observer: { current }, ...budget });
    } else {
      for (const name of model.spikingLayers().keys()) {
        settle(name, maximumOverBatches(model, batches, { name, type, timesteps, ...budget }));
      }
    }
    return found;
  });
}

function maximumOverBatches(
  model: SnnModel,
  batches: readonly FrameSource[],
  { name, type, timesteps, ...budget }: FindOptions & { readonly name: string; readonly timesteps: number },
): Threshold {
  let largest: Threshold | undefined;
  for (const frames of batches) {
    const current = (layer: string, x: Tensor) => {
      if (layer !== name) return;
      largest = larger(largest, maximum(x, type));
      throw new SeenEnough();
    };
    using state = new SpikingState();
    runFrames(model, frames, { state, timesteps, observer: { current }, ...budget });
  }
  return largest ?? { shape: [1], data: new Float32Array(1) };
}

/** Largest current, at least 0, of `[T', N, C, H, W]`: `[1]`, `[C]` or `[C, H, W]`. */
function maximum(current: Tensor, type: ThresholdType): Threshold {
  return scope("largest current", () => {
    const axes = { layer: [], channel: [0, 1, 3, 4], neuron: [0, 1] }[type];
    const largest = amax(current, axes);
    const shape = type === "layer" ? [1] : largest.shape;
    return { shape, data: largest.toFloat32Array().map((x) => Math.max(0, x)) };
  });
}

function larger(a: Threshold | undefined, b: Threshold): Threshold {
  return a === undefined ? b : { shape: b.shape, data: b.data.map((x, i) => Math.max(x, a.data[i]!)) };
}

function checkSomeCurrent(name: string, { data }: Threshold, timesteps: number): void {
  if (data.some((x) => x > 0)) return;
  throw new ConversionError(
    `find thresholds: expected some current above 0 in layer ${name}, received none in ${timesteps} timesteps; ` +
      "take more timesteps or more calibration batches, or check that the network is trained",
  );
}
