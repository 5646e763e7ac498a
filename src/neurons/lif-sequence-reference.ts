/**
 * The plain twin of `lifSequence`: a loop over timesteps of libtorch's own operators, as the reference code computes.
 * It defines the semantics; tests compare the fused operator with it and benchmarks time against it.
 */
import {
  add,
  batchNorm,
  detach,
  div,
  gt,
  lt,
  mul,
  reshape,
  scope,
  select,
  stack,
  sub,
  sum,
  type Tensor,
  toDType,
  zerosLike,
} from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { checkLifOptions } from "./check-neurons.js";
import type { LifOptions, LifResult } from "./lif-sequence.js";
import { spike } from "./surrogates.js";

/** See `lifSequence`; the same arguments, results and errors. */
export function lifSequenceReference(current: Tensor, options: LifOptions): LifResult {
  checkLifOptions("lifSequenceReference", options);
  if (current.shape.length !== 5 || current.shape[0] === 0) {
    throw new ShapeError(
      `lifSequenceReference: expected currents [T, N, C, H, W], received [${current.shape}]`,
    );
  }
  return scope("lif sequence reference", () => runSteps(current, options));
}

function runSteps(current: Tensor, options: LifOptions): LifResult {
  const { leak, reset, surrogate, imbalance, norm } = options;
  const steps = current.shape[0] ?? 0;
  const normalizedSteps = norm ? Math.min(steps, options.normalizedSteps ?? steps) : 0;
  const threshold = perChannel(options.threshold);
  let membrane = options.initial ?? zerosLike(select(current, 0, 0));
  const spikes: Tensor[] = [];
  const excess: Tensor[] = [];
  for (let t = 0; t < steps; t++) {
    const input = select(current, 0, t);
    const normalized = norm && t < normalizedSteps ? normalizeStep(input, norm, t) : input;
    const charged = add(mul(membrane, leak), normalized);
    const x = sub(div(charged, threshold), 1);
    const fired = spike(x, surrogate);
    const constant = detach(fired);
    membrane =
      reset === "hard" ? mul(charged, sub(mul(constant, -1), -1)) : sub(charged, mul(constant, threshold));
    if (imbalance > 0) {
      const negative = mul(threshold, -1 / imbalance);
      const crossed = toDType(lt(detach(charged), negative), "float32");
      membrane = sub(membrane, mul(crossed, negative));
    }
    spikes.push(fired);
    excess.push(sum(detach(x), [], { dtype: "float64" }));
  }
  const all = stack(spikes);
  return {
    spikes: all,
    membrane: detach(membrane),
    counts: sum(toDType(gt(detach(all), 0), "int64"), [1, 2, 3, 4]),
    excess: stack(excess),
  };
}

function normalizeStep(input: Tensor, norm: NonNullable<LifOptions["norm"]>, t: number): Tensor {
  const { training, momentum, eps } = norm;
  return batchNorm(input, {
    weight: select(norm.scale, 0, t),
    runningMean: select(norm.runningMean, 0, t),
    runningVar: select(norm.runningVar, 0, t),
    training,
    momentum,
    eps,
  });
}

/** A threshold of one value, `[C]` or `[C, H, W]` in a shape that broadcasts over `[N, C, H, W]`. */
function perChannel(threshold: Tensor): Tensor {
  if (threshold.shape.length === 3 || threshold.numel === 1) return threshold;
  return reshape(threshold, [threshold.numel, 1, 1]);
}
