/** Weights as the kernels read them, from those of a file, `[O, I, k, k]`. Channels that are padding get zeros. */
import { padded, tileWidths } from "./kernels.js";

/** Of the weights in a file. */
export interface WeightShape {
  /** O; of a depthwise convolution its channels. */
  readonly outputs: number;
  /** I; of a depthwise convolution 1. */
  readonly inputs: number;
  /** k². */
  readonly taps: number;
}

/** For `gather`: tiles of outputs, in each `[tap][C][tile]`. */
export function gatherLayout(weight: Int8Array, { outputs, inputs, taps }: WeightShape): Int8Array {
  const [rows, channels] = [padded(inputs), padded(outputs)];
  const laid = new Int8Array(channels * taps * rows);
  let first = 0;
  for (const tile of tileWidths(channels)) {
    for (let o = first; o < Math.min(outputs, first + tile); o++) {
      for (let i = 0; i < inputs; i++) {
        for (let tap = 0; tap < taps; tap++) {
          laid[first * taps * rows + (tap * rows + i) * tile + o - first] =
            weight[(o * inputs + i) * taps + tap]!;
        }
      }
    }
    first += tile;
  }
  return laid;
}

/** For `dense`: `[O / 8][tap][I / 4][8][4]`. */
export function denseLayout(weight: Int8Array, { outputs, inputs, taps }: WeightShape): Int8Array {
  const rows = padded(inputs);
  const laid = new Int8Array(padded(outputs) * taps * rows);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < taps; tap++) {
        const four = ((o >> 3) * taps + tap) * (rows / 4) + (i >> 2);
        laid[four * 32 + (o % 8) * 4 + (i % 4)] = weight[(o * inputs + i) * taps + tap]!;
      }
    }
  }
  return laid;
}

/** For `values`: `[tap][I][O]`. */
export function valuesLayout(weight: Float32Array, { outputs, inputs, taps }: WeightShape): Float32Array {
  const channels = padded(outputs);
  const laid = new Float32Array(taps * inputs * channels);
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < taps; tap++) {
        laid[(tap * inputs + i) * channels + o] = weight[(o * inputs + i) * taps + tap]!;
      }
    }
  }
  return laid;
}

/** For the depthwise kernels: `[tap][C]`. */
export function depthwiseLayout<Weights extends Int8Array | Float32Array>(
  weight: Weights,
  { outputs, taps }: WeightShape,
): Weights {
  const channels = padded(outputs);
  const laid = new (weight.constructor as new (length: number) => Weights)(taps * channels);
  for (let c = 0; c < outputs; c++) {
    for (let tap = 0; tap < taps; tap++) laid[tap * channels + c] = weight[c * taps + tap]!;
  }
  return laid;
}

/** One number a channel; padding gets `fill`, and where there is none all of them. */
export function channelLayout(
  values: Float32Array | undefined,
  channels: number,
  fill: number,
): Float32Array {
  const laid = new Float32Array(padded(channels)).fill(fill);
  if (values?.length === 1) laid.fill(values[0]!, 0, channels);
  else if (values) laid.set(values);
  return laid;
}

/** From `[C, H, W]` to `[H, W, C]`; what is padding in `to` stays. */
export function channelsLast(values: Float32Array, channels: number, to: Float32Array): Float32Array {
  const [pixels, stride] = [values.length / channels, padded(channels)];
  for (let c = 0; c < channels; c++) {
    for (let p = 0; p < pixels; p++) to[p * stride + c] = values[c * pixels + p]!;
  }
  return to;
}
