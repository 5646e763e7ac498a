/** Where spikes pay: each layer's fused kernel against convolution and neurons step by step. */
import {
  add,
  avgPool2d,
  conv2d,
  full,
  keep,
  lt,
  mul,
  noGrad,
  rand,
  randn,
  reshape,
  scope,
  select,
  type Tensor,
  toDType,
  zeros,
} from "../engine/index.js";
import { describeConv, type FusedPrecision, packConv, packSpikes, spikeConvLif } from "../inference/index.js";
import { modelDefaults } from "../models/index.js";
import { lif, neuronStep } from "../neurons/index.js";
import { interleave, type Measured } from "./interleave.js";
import type { SpikeLayer } from "./spike-layers.js";
import type { WorkloadOptions } from "./workload.js";

const { leak, reset, surrogate, imbalance } = modelDefaults;

/** Times of a layer at one density. */
export interface LayerTimes {
  readonly name: string;
  /** Channels, kernel and size in words. */
  readonly shape: string;
  readonly density: number;
  readonly twin: Measured;
  /** By precision, with the kernel's form and how many times as fast as the twin it is. */
  readonly fused: Readonly<
    Record<FusedPrecision, Measured & { readonly form: string; readonly ratio: number }>
  >;
}

/** Times one layer on random spikes, in all precisions and by the twin. */
export function timeLayer(
  { layer, size, poolStride }: SpikeLayer,
  {
    timesteps,
    batchSize,
    density,
    rounds,
  }: Pick<WorkloadOptions, "timesteps" | "batchSize"> & { readonly density: number; readonly rounds: number },
): LayerTimes {
  const { name, inputs, outputs, kernelSize, dilation } = layer;
  const padding = (dilation * (kernelSize - 1)) / 2;
  return scope("layer", () =>
    noGrad(() => {
      const frames = timesteps * batchSize;
      const spikes = toDType(lt(rand([frames, inputs, ...size], 1), density), "float32");
      const bits = packSpikes(spikes);
      const sequence = reshape(spikes, [timesteps, batchSize, inputs, ...size]);
      // Currents of about unit variance, and a threshold that few reach.
      const scale = 1 / Math.sqrt(density * inputs * kernelSize ** 2);
      const weight = mul(randn([outputs, inputs, kernelSize, kernelSize], 2), scale);
      const threshold = full([outputs], 4);
      const norm = full([timesteps, outputs], 1);
      const shift = zeros([timesteps, outputs]);
      const ours = (precision: FusedPrecision) => {
        const conv = packConv(weight, { size, dilation, poolStride, input: "bits", precision });
        const run = () =>
          scope("ours", () => {
            spikeConvLif(conv, bits, timesteps, { leak, hardReset: false, threshold, scale: norm, shift });
          });
        return { run, ...describeConv(conv) };
      };
      const twin = () => {
        let v: Tensor | undefined;
        for (let t = 0; t < timesteps; t++) {
          scope("timestep", () => {
            const x = select(sequence, 0, t);
            const read = poolStride > 0 ? avgPool2d(x, { kernelSize: 3, stride: poolStride, padding: 1 }) : x;
            const current = conv2d(read, weight, { padding, dilation });
            const folded = add(mul(current, column(norm, t)), column(shift, t));
            const parameters = {
              ...{ leak, reset, surrogate, imbalance, learnt: {} },
              threshold: reshape(threshold, [-1, 1, 1]),
            };
            const step = neuronStep(lif, v ?? mul(current, 0), { current: folded, parameters });
            v?.dispose();
            v = keep(step.v);
          });
        }
        v?.dispose();
      };
      const [exact, fast, int8] = [ours("exact"), ours("fast"), ours("int8")];
      const measured = interleave({ twin, exact: exact.run, fast: fast.run, int8: int8.run }, rounds);
      const figures = (key: FusedPrecision, form: string) => {
        const one = measured[key];
        return { ...one, form, ratio: measured.twin.ms / one.ms };
      };
      return {
        name,
        shape: `${poolStride > 0 ? `avg${poolStride} ` : ""}${inputs}→${outputs} ${kernelSize}x${kernelSize} d${dilation} @${size.join("x")}`,
        density,
        twin: measured.twin,
        fused: {
          exact: figures("exact", exact.form),
          fast: figures("fast", fast.form),
          int8: figures("int8", int8.form),
        },
      };
    }),
  );
}

/** Row t as `[C, 1, 1]`. */
function column(rows: Tensor, t: number): Tensor {
  return reshape(select(rows, 0, t), [-1, 1, 1]);
}
