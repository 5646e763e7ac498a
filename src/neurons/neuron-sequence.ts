/**
 * Any neuron over all timesteps, as a loop of libtorch's own operators: the plain path. For LIF it defines the semantics of
 * the fused `lifSequence`.
 */
import {
  add,
  batchNorm,
  detach,
  full,
  gt,
  mul,
  reshape,
  scope,
  select,
  stack,
  sum,
  type Tensor,
  toDType,
  zerosLike,
} from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { checkedLifOptions } from "./check-neurons.js";
import type { LifOptions, LifResult, LifSettings } from "./lif-options.js";
import { checkNeuron, lif, type Neuron, type NeuronParameters, neuronStep } from "./neuron.js";

/** What neurons of any kind may be told. */
export interface NeuronOptions extends LifOptions {
  /** Default: LIF. */
  readonly neuron?: Neuron;
  /** Its learnt numbers by name, `[1]` each (default: what it begins with). */
  readonly learnt?: Readonly<Record<string, Tensor>>;
}

/**
 * A layer of neurons over all timesteps. Arguments and results are those of `lifSequence`; gradients pass through
 * thresholds and learnt numbers too.
 *
 * @param current - i, `[T, N, C, H, W]` float32
 * @param options - default: LIF with {@link lifDefaults}
 * @throws OptionError if an option is unknown or out of its range, ShapeError if the currents, or what the neuron gives,
 *   are of another shape
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { neuronSequence } from "snnseg/neurons";
 * import { add, full, mul, sum } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const lambda = full([1], 0.9).setRequiresGrad(true); // a leak that is learnt
 *   const { spikes } = neuronSequence(full([6, 1, 1, 1, 1], 0.4), {
 *     neuron: { name: "learnt-leak", charge: (v, i, { learnt }) => add(mul(v, learnt.lambda ?? 1), i) },
 *     learnt: { lambda },
 *   });
 *   sum(spikes).backward();
 *   console.log(spikes.toNumbers(), lambda.grad?.item());
 * });
 * ```
 */
export function neuronSequence(current: Tensor, options: NeuronOptions = {}): LifResult {
  return runNeurons("neuronSequence", current, options);
}

/** {@link neuronSequence} under another name in its errors. */
export function runNeurons(operation: string, current: Tensor, options: NeuronOptions): LifResult {
  const { neuron = lif, learnt, ...rest } = options;
  checkNeuron(operation, neuron);
  if (current.shape.length !== 5 || current.shape[0] === 0) {
    throw new ShapeError(`${operation}: expected currents [T, N, C, H, W], received [${current.shape}]`);
  }
  return scope("neuron sequence", () => {
    const settings = checkedLifOptions(operation, rest, current.device);
    return runSteps(current, settings, { neuron, learnt: learnt ?? beginningOf(neuron, current.device) });
  });
}

function runSteps(
  current: Tensor,
  options: LifSettings,
  { neuron, learnt }: Required<Pick<NeuronOptions, "neuron" | "learnt">>,
): LifResult {
  const { leak, reset, surrogate, imbalance, norm } = options;
  const steps = current.shape[0] ?? 0;
  const normalizedSteps = norm ? Math.min(steps, options.normalizedSteps ?? steps) : 0;
  const threshold = perChannel(options.threshold);
  const parameters: NeuronParameters = {
    ...{
      leak: typeof leak === "number" ? leak : leak.item(),
      reset,
      surrogate,
      imbalance,
      threshold,
      learnt,
    },
  };
  const stepped: Neuron =
    neuron === lif && typeof leak !== "number"
      ? { ...lif, charge: (v, current) => add(mul(v, leak), current) }
      : neuron;
  let v = options.initial ?? zerosLike(select(current, 0, 0));
  const spikes: Tensor[] = [];
  const counts: Tensor[] = [];
  const excess: Tensor[] = [];
  for (let t = 0; t < steps; t++) {
    const input = select(current, 0, t);
    const normalized = norm && t < normalizedSteps ? normalizeStep(input, norm, t) : input;
    const step = neuronStep(stepped, v, { current: normalized, parameters });
    v = step.v;
    spikes.push(step.spikes);
    counts.push(sum(toDType(neuron.levels === undefined ? gt(step.counts, 0) : step.counts, "int64")));
    excess.push(sum(detach(step.x), [], { dtype: "float64" }));
  }
  const { amplitude = 1 } = neuron;
  return {
    spikes: stack(spikes),
    levels: neuron.levels ?? 1,
    amplitude: amplitude === "threshold" ? detach(threshold) : amplitude,
    membrane: detach(v),
    counts: stack(counts),
    excess: stack(excess),
  };
}

function beginningOf({ learnt = {} }: Neuron, device: string): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(learnt).map(([name, value]) => [name, full([1], value, { device })]),
  );
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
