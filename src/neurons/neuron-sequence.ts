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
  type Tensor,
  toDType,
  zerosLike,
} from "../engine/index.js";
import { ShapeError } from "../errors.js";
import { type Checking, checkedLifOptions } from "./check-neurons.js";
import type { LifOptions, LifResult, LifSettings } from "./lif-options.js";
import { mapSums, stepSums } from "./map-sums.js";
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

/** {@link neuronSequence} under another name in its errors. @param checking - what of the options is checked (default: all) */
export function runNeurons(
  operation: string,
  current: Tensor,
  options: NeuronOptions,
  checking: Checking = "values",
): LifResult {
  const { neuron = lif, learnt, ...rest } = options;
  checkNeuron(operation, neuron);
  if (current.shape.length !== 5 || current.shape[0] === 0) {
    throw new ShapeError(`${operation}: expected currents [T, N, C, H, W], received [${current.shape}]`);
  }
  return scope("neuron sequence", () => {
    const settings = checkedLifOptions(operation, rest, { device: current.device, checking });
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
    // Read for a neuron that asks alone: each reading from a GPU waits for all that it still has to do.
    get leak() {
      return typeof leak === "number" ? leak : leak.item();
    },
    ...{ reset, surrogate, imbalance, threshold, learnt },
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
    const isFired = neuron.fire !== undefined && neuron.levels === undefined;
    const fired = isFired ? toDType(gt(step.counts, 0), "float32") : step.counts;
    counts.push(mapSums(fired, neuron.levels));
    excess.push(mapSums(detach(step.x)));
  }
  const { amplitude = 1 } = neuron;
  return {
    spikes: stack(spikes),
    levels: neuron.levels ?? 1,
    amplitude: amplitude === "threshold" ? detach(threshold) : amplitude,
    membrane: detach(v),
    counts: stepSums(stack(counts), "int64"),
    excess: stepSums(stack(excess), "float64"),
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
