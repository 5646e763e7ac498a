/** Comparing one forward pass, running statistics and tensors in figures. */
import type { Tensor } from "../../src/engine/index.js";
import type { ForwardResult, SegmentationModel } from "../../src/models/index.js";
import { type Comparison, maxAbs, tolerances } from "./comparison.js";
import { golden } from "./formula.js";
import type { GoldenBatchNorm, GoldenForward, GoldenSummary, LoadedCase } from "./golden-case.js";
import { splitTemporalName } from "./network.js";

/** Output, loss, and every layer's spikes at every timestep. */
export function compareForward(
  comparison: Comparison,
  when: string,
  result: ForwardResult,
  loss: Tensor | undefined,
  expected: Omit<GoldenForward, "loss"> & { readonly loss?: number },
  loaded: LoadedCase,
): void {
  const output = loaded.data(expected.output);
  comparison.within(
    `${when} output`,
    result.logits.toFloat32Array(),
    output,
    tolerances.output,
    maxAbs(output),
  );
  if (loss && expected.loss !== undefined) {
    comparison.relative(`${when} loss`, loss.item(), expected.loss, tolerances.loss);
  }
  expected.spikes?.forEach((row, t) => {
    comparison.equal(
      `${when} spikes at t = ${t}`,
      result.activity.map((layer) => layer.spikes[t] ?? Number.NaN),
      row,
    );
  });
  expected.mean_x?.forEach((row, t) => {
    comparison.within(
      `${when} mean x at t = ${t}`,
      result.activity.map((layer) => layer.meanExcess[t] ?? Number.NaN),
      row,
      tolerances.membrane,
      1,
    );
  });
}

/** Running statistics of a network against a case's. */
export function compareBatchNorm(
  comparison: Comparison,
  when: string,
  model: SegmentationModel,
  expected: GoldenBatchNorm | null | undefined,
): void {
  if (!expected) return;
  const buffers = model.buffers();
  const values = new Map<string, Float32Array>();
  const read = (name: string, what: string): Float32Array => {
    const split = splitTemporalName(name);
    const key = `${split?.name ?? name}.${what}`;
    const all = values.get(key) ?? buffers.get(key)?.toFloat32Array() ?? new Float32Array();
    values.set(key, all);
    if (!split) return all;
    const channels = buffers.get(key)?.shape[1] ?? 0;
    return all.subarray(split.step * channels, (split.step + 1) * channels);
  };
  const bound = tolerances.runningStatistics;
  for (const { name, running_mean, running_var } of expected.first) {
    comparison.within(
      `${when} ${name} mean`,
      read(name, "running_mean"),
      running_mean,
      bound,
      maxAbs(running_mean),
    );
    comparison.within(
      `${when} ${name} variance`,
      read(name, "running_var"),
      running_var,
      bound,
      maxAbs(running_var),
    );
  }
  for (const [name, meanSum, varSum] of expected.sums) {
    const means = read(name, "running_mean");
    comparison.relative(
      `${when} ${name} sum of means`,
      total(means),
      meanSum,
      bound,
      total(means.map(Math.abs)),
    );
    comparison.relative(`${when} ${name} sum of variances`, total(read(name, "running_var")), varSum, bound);
  }
}

/** A tensor against its summary: norms, sum and chosen elements. */
export function compareSummary(
  comparison: Comparison,
  what: string,
  data: Float32Array,
  expected: GoldenSummary,
  bounds: { readonly norms: number; readonly elements: number },
): void {
  let squares = 0;
  let l1 = 0;
  let sum = 0;
  for (const value of data) {
    squares += value * value;
    l1 += Math.abs(value);
    sum += value;
  }
  comparison.relative(`${what} l2`, Math.sqrt(squares), expected.l2, bounds.norms);
  comparison.relative(`${what} l1`, l1, expected.l1, bounds.norms);
  comparison.relative(`${what} sum`, sum, expected.sum, bounds.norms, expected.l1);
  const check = (part: string, ours: ArrayLike<number>, theirs: readonly number[] | undefined) => {
    if (theirs) comparison.within(`${what} ${part}`, ours, theirs, bounds.elements, expected.max_abs);
  };
  check("first", data.subarray(0, expected.first.length), expected.first);
  if (expected.last) check("last", data.subarray(data.length - expected.last.length), expected.last);
  const probes = expected.probe?.map((_, k) => data[Math.floor(golden(k, 12345) * data.length)]!);
  if (probes) check("probe", probes, expected.probe);
}

/** The part of a parameter (or of its gradient) that a case's name means. */
export function partOf(
  name: string,
  tensors: ReadonlyMap<string, Tensor | undefined>,
): Float32Array | undefined {
  const split = splitTemporalName(name);
  const tensor = tensors.get(split?.name ?? name);
  if (!tensor) return undefined;
  const data = tensor.toFloat32Array();
  const channels = tensor.shape[1] ?? 0;
  return split ? data.subarray(split.step * channels, (split.step + 1) * channels) : data;
}

function total(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0);
}
