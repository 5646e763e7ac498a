/**
 * Batch norm's running statistics, estimated anew with the weights as they are. In training they trail behind the weights
 * by a moving average; after few steps they still hold much of their initial values, and layers stay silent.
 *
 *     μ = 1/B · Σ_b μ_b,   σ² = 1/B · Σ_b σ_b²     over B batches, for every channel (and timestep)
 *
 * @see Wu & Johnson 2021, "Rethinking 'Batch' in BatchNorm", arXiv:2105.07576, section 3
 */
import type { Loader } from "../datasets/index.js";
import { type NamedArray, noGrad, scope } from "../engine/index.js";
import { OptionError } from "../errors.js";
import type { SegmentationModel } from "../models/index.js";
import { BATCH_NORM_MOMENTUM, loadState } from "../nn/index.js";
import { derive } from "../random/index.js";
import { encodeInput, type InputOptions } from "./encode-input.js";

/**
 * Overwrites the running statistics of `model`, and leaves it in evaluation mode.
 *
 * @param batches - B; fewer where the loader has fewer
 * @returns how many batches were seen
 * @throws OptionError if the network has no batch norm
 */
export async function settleStatistics(
  model: SegmentationModel,
  loader: Loader,
  {
    input,
    seed,
    batches,
    onBatch,
  }: {
    readonly input: InputOptions;
    readonly seed: number;
    readonly batches: number;
    readonly onBatch?: (images: number) => void;
  },
): Promise<number> {
  const statistics = [...model.buffers()].filter(([name]) => /\.running_(mean|var)$/.test(name));
  if (statistics.length === 0) {
    throw new OptionError(
      "settle: expected a network with batch norm, received one without; leave it as it is",
    );
  }
  const sums = new Map(statistics.map(([name, { numel }]) => [name, new Float64Array(numel)]));
  const write = (value: (name: string, index: number) => number) => {
    const values = statistics.map(([name, { shape, numel }]): [string, NamedArray] => {
      const data = Float32Array.from({ length: numel }, (_, index) => value(name, index));
      return [name, { dtype: "float32", shape, data }];
    });
    loadState(model, new Map(values));
  };
  let seen = 0;
  let examples = 0;
  model.setTraining(true);
  for await (const batch of loader.batches(0)) {
    if (seen === batches) break;
    // From 0 the moving average takes in momentum times the batch's own statistics.
    write(() => 0);
    const first = examples;
    const seedOf = (n: number) => derive(seed, "settle", first + n);
    scope("settle", () => void noGrad(() => model.forward(encodeInput(batch, input, seedOf))));
    for (const [name, tensor] of statistics) {
      const sum = sums.get(name)!;
      for (const [i, share] of tensor.toFloat32Array().entries()) sum[i]! += share / BATCH_NORM_MOMENTUM;
    }
    seen += 1;
    examples += batch.ids.length;
    onBatch?.(batch.ids.length);
  }
  write((name, index) => sums.get(name)![index]! / Math.max(1, seen));
  model.setTraining(false);
  return seen;
}
