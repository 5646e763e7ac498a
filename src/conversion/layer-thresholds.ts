/** Thresholds of a spiking network's layers, outside the engine. */
import { checkNumber } from "../checks/index.js";
import { tensorFrom } from "../engine/index.js";
import { OptionError } from "../errors.js";
import type { SnnModel } from "../models/index.js";

/** ϑ of one layer: `[1]`, `[C]` or `[C, H, W]`. */
export interface Threshold {
  /** One for the layer, for each channel, or for each neuron. */
  readonly shape: readonly number[];
  /** In row-major order, each at least 0. */
  readonly data: Float32Array;
}

/** ϑ by name of the spiking layer, input first. */
export type Thresholds = ReadonlyMap<string, Threshold>;

/**
 * All thresholds times `factor`; a low factor makes neurons fire earlier and clip more.
 *
 * @param thresholds - read, never written
 * @param factor - above 0
 * @throws OptionError unless the factor is above 0
 */
export function scaleThresholds(thresholds: Thresholds, factor: number): Thresholds {
  checkNumber("scaleThresholds", "factor", factor, { above: 0, float32: true });
  return new Map(
    [...thresholds].map(([name, { shape, data }]) => [name, { shape, data: data.map((x) => x * factor) }]),
  );
}

/**
 * Puts thresholds into a network.
 *
 * @param model - those of its layers that are not named keep theirs
 * @param thresholds - by spiking layer; copied
 * @throws OptionError if a name is none of its spiking layers
 */
export function applyThresholds(model: SnnModel, thresholds: Thresholds): void {
  const layers = model.spikingLayers();
  for (const [name, { shape, data }] of thresholds) {
    const layer = layers.get(name);
    if (layer === undefined) {
      throw new OptionError(
        `apply thresholds: expected one of the spiking layers ${[...layers.keys()].join(", ")}, received ${name}`,
      );
    }
    layer.setThreshold(tensorFrom(data, shape));
  }
}

/** One number per channel: a neuron-wise threshold gives its mean over the channel's pixels. */
export function perChannel({ shape, data }: Threshold, channels: number): Float32Array {
  if (data.length === 1) return new Float32Array(channels).fill(data[0]!);
  if (shape.length === 1) return data;
  const pixels = data.length / channels;
  return Float32Array.from(
    { length: channels },
    (_, c) => data.subarray(c * pixels, (c + 1) * pixels).reduce((sum, x) => sum + x, 0) / pixels,
  );
}
