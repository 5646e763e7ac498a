/**
 * Operations of one input, from what each layer's neurons sent: as `snnseg energy` counts them, of synapses only.
 *
 *     additions        Σ spikes k at (y, x) · rows reached by y · columns reached by x · channels
 *     multiplications  of layers that read real values: all of a dense pass
 */
import { axisFanOut, transposedAxisFanOut } from "../../activity/index.js";
import type { LayerCost } from "./layer-costs.js";

/** What a layer's neurons sent. */
export interface LayerSent {
  /** Such as `features.0`, or that of encoded input. */
  readonly name: string;
  /** Of its neurons. */
  readonly shape: readonly [channels: number, height: number, width: number];
  /** Sums over channels, `[T][h, w]`. */
  readonly maps: readonly Float32Array[];
}

/** Synaptic operations of one input. */
export interface Operations {
  /** One for each output that a spike reaches. */
  readonly additions: number;
  /** Each with its addition. */
  readonly multiplications: number;
}

/** Sums by pixel. */
interface SpikeMap {
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/**
 * Operations of one input.
 *
 * @param costs - of all layers with weights
 * @param layers - what their neurons sent
 * @param timesteps - that ran
 */
export function countOperations(
  costs: readonly LayerCost[],
  layers: readonly LayerSent[],
  timesteps: number,
): Operations {
  const sent = new Map(layers.map((layer) => [layer.name, sumOverTime(layer)]));
  let [additions, multiplications] = [0, 0];
  for (const cost of costs) {
    if (cost.reads.length === 0) {
      multiplications += cost.dense * (cost.once ? 1 : timesteps);
      continue;
    }
    for (const { layer, pools } of cost.reads) {
      const arriving = pools.reduce(pooled, sent.get(layer)!);
      additions += reached(arriving, cost);
    }
  }
  return { additions, multiplications };
}

function sumOverTime({ shape: [, height, width], maps }: LayerSent): SpikeMap {
  const data = new Float32Array(height * width);
  for (const map of maps) for (let i = 0; i < data.length; i++) data[i]! += map[i]!;
  return { height, width, data };
}

/** Spikes in the windows of an average pooling 3x3. */
function pooled({ height, width, data }: SpikeMap, stride: number): SpikeMap {
  const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
  const sums = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      const [bottom, right] = [Math.min(height, y * stride + 2), Math.min(width, x * stride + 2)];
      for (let v = Math.max(0, y * stride - 1); v < bottom; v++) {
        for (let u = Math.max(0, x * stride - 1); u < right; u++) sum += data[v * width + u]!;
      }
      sums[y * columns + x] = sum;
    }
  }
  return { height: rows, width: columns, data: sums };
}

function reached({ height, width, data }: SpikeMap, { window, channelFanOut }: LayerCost): number {
  const along = (size: number) =>
    window === "upsampler" ? transposedAxisFanOut(size, 3) : axisFanOut(size, window);
  const [rows, columns] = [along(height), along(width)];
  let sum = 0;
  for (let y = 0, i = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++, i++) row += data[i]! * columns[x]!;
    sum += row * rows[y]!;
  }
  return sum * channelFanOut;
}
