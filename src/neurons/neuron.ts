/** The neuron interface, LIF as the first of its kind, and one timestep of any. */
import { checkInteger, checkKeys, checkNumber, refuse } from "../checks/index.js";
import {
  add,
  call,
  customGradient,
  detach,
  div,
  lt,
  mul,
  scope,
  sub,
  type Tensor,
  toDType,
} from "../engine/index.js";
import { ShapeError } from "../errors.js";
import type { Dynamics } from "./lif-options.js";
import { spike } from "./surrogates.js";

/** What a neuron's functions may read. */
export interface NeuronParameters extends Dynamics {
  /** ϑ, of a shape that broadcasts over `[N, C, H, W]`. */
  readonly threshold: Tensor;
  /** The layer's learnt numbers by name, `[1]` each. */
  readonly learnt: Readonly<Record<string, Tensor>>;
}

/**
 * A spiking neuron: pure functions of its membrane, its input and its parameters, applied to whole layers at each timestep.
 *
 *     u[t] = charge(v[t−1], i[t])
 *     k[t] = fire(u[t]/ϑ − 1)          unless told otherwise Θ, with the surrogate's gradient
 *     v[t] = reset(u[t], k[t])         unless told otherwise as the dynamics say: soft or hard
 *     s[t] = a·k[t]                    what the next layer receives; a is 1 unless told otherwise
 *
 * With `levels` D a neuron sends up to D spikes in a timestep, and fire rounds: k = ⌊clip(u/ϑ, 0, D) + ½⌋.
 *
 * Of a neuron of one's own `charge` is enough; everything else comes along: batch norm through time, multi-step sequences,
 * streams, training (`neuron` of a network's config). It runs on the plain path; the fused kernels know {@link lif} alone.
 *
 * @example
 * ```ts
 * import { scope } from "snnseg";
 * import { neuronSequence } from "snnseg/neurons";
 * import { add, full, mul } from "snnseg/ops";
 *
 * scope("example", () => {
 *   const { spikes } = neuronSequence(full([6, 1, 1, 1, 1], 0.3), {
 *     neuron: { name: "quadratic", charge: (v, i) => add(add(v, i), mul(mul(v, v), 0.2)) },
 *   });
 *   console.log(spikes.toNumbers());
 * });
 * ```
 */
export interface Neuron {
  /** Shown in errors, and kept in checkpoints. */
  readonly name: string;
  /** D: the most spikes of a neuron in a timestep, where `fire` rounds; absent, a neuron fires or does not. */
  readonly levels?: number;
  /** a: what one spike is worth to the next layer, above 0, or the layer's `"threshold"` (default 1). */
  readonly amplitude?: number | "threshold";
  /**
   * u[t], `[N, C, H, W]`.
   *
   * @param v - v[t−1], of that shape; read, never written
   * @param current - i[t], of that shape, normalised where the layer has batch norm
   * @param parameters - thresholds, dynamics and the numbers that the layer has learnt
   */
  readonly charge: (v: Tensor, current: Tensor, parameters: NeuronParameters) => Tensor;
  /**
   * k[t], `[N, C, H, W]`, with its gradient; see `customGradient` (default: x > 0 with the surrogate's, or rounded to `levels`).
   *
   * @param x - u[t]/ϑ − 1
   * @param parameters - thresholds, dynamics and the numbers that the layer has learnt
   */
  readonly fire?: (x: Tensor, parameters: NeuronParameters) => Tensor;
  /**
   * v[t], `[N, C, H, W]` (default: soft or hard, as the dynamics say).
   *
   * @param u - u[t]
   * @param spikes - k[t], without a gradient
   * @param parameters - thresholds, dynamics and the numbers that the layer has learnt
   */
  readonly reset?: (u: Tensor, spikes: Tensor, parameters: NeuronParameters) => Tensor;
  /**
   * λ `[1]` in (0, 1) of a neuron that is LIF with a learnt leak: its charge is then u = λ·v + i, and the fused operator runs it.
   *
   * @param learnt - the numbers that the layer has learnt
   */
  readonly learntLeak?: (learnt: NeuronParameters["learnt"]) => Tensor;
  /** Numbers that every layer learns for itself, and what they begin with; saved as `lif_LAYER.NAME`. */
  readonly learnt?: Readonly<Record<string, number>>;
}

/** Leaky integrate-and-fire: u = λ·v + i. λ = 1 makes it IF. */
export const lif: Neuron = {
  name: "LIF",
  charge: (v, current, { leak }) => add(mul(v, leak), current),
};

/** What a timestep gives, `[N, C, H, W]` each. */
export interface NeuronStep {
  /** s[t] = a·k[t], with its gradient. */
  readonly spikes: Tensor;
  /** k[t], without one. */
  readonly counts: Tensor;
  /** v[t] */
  readonly v: Tensor;
  /** x[t] = u[t]/ϑ − 1 */
  readonly x: Tensor;
}

/**
 * One timestep.
 *
 * @param neuron - such as {@link lif}
 * @param v - v[t−1], `[N, C, H, W]`; read, never written
 * @param options - `current`: i[t], of that shape; `parameters`: what the neuron's functions may read
 * @throws ShapeError if the neuron gives something of another shape than the current
 */
export function neuronStep(
  neuron: Neuron,
  v: Tensor,
  { current, parameters }: { readonly current: Tensor; readonly parameters: NeuronParameters },
): NeuronStep {
  const { charge, amplitude = 1, reset = resetAsSaid } = neuron;
  const checked = (part: string, result: Tensor) => {
    if (result.shape.join() === current.shape.join()) return result;
    throw new ShapeError(
      `${part} of neuron ${neuron.name}: expected a result [${current.shape}], received [${result.shape}]`,
    );
  };
  const { threshold } = parameters;
  return scope("neuron step", () => {
    const u = checked("charge", charge(v, current, parameters));
    const ratio = div(u, threshold);
    const x = sub(ratio, 1);
    const fired = checked("fire", fire(neuron, { ratio, x }, parameters));
    const counts = detach(fired);
    const worth = amplitude === "threshold" ? threshold : amplitude;
    const spikes = worth === 1 ? fired : mul(fired, worth);
    return { spikes, counts, v: checked("reset", reset(u, counts, parameters)), x };
  });
}

/** k of u/ϑ, or of x = u/ϑ − 1. */
function fire(
  neuron: Neuron,
  { ratio, x }: { readonly ratio: Tensor; readonly x: Tensor },
  parameters: NeuronParameters,
): Tensor {
  if (neuron.fire !== undefined) return neuron.fire(x, parameters);
  return neuron.levels === undefined ? spike(x, parameters.surrogate) : roundedLevels(ratio, neuron.levels);
}

/**
 * k = ⌊clip(r, 0, D) + ½⌋, with dk/dr taken for 1 where 0 ≤ r ≤ D, else 0 (straight through).
 *
 * @param ratio - r, any shape
 * @param levels - D
 */
function roundedLevels(ratio: Tensor, levels: number): Tensor {
  const clipped = (r: Tensor) => call("aten::clamp", [r, 0, levels]);
  const round = (r: Tensor) => call("aten::floor", [add(clipped(r), 0.5)]);
  return customGradient(round, (r) => toDType(call("aten::eq.Tensor", [r, clipped(r)]), "float32"))(ratio);
}

/** v = u − ϑ·k, or u·(1 − k); with imbalance α a membrane below −ϑ/α is lifted by ϑ/α. */
function resetAsSaid(u: Tensor, counts: Tensor, { reset, threshold, imbalance }: NeuronParameters): Tensor {
  const v = sub(u, mul(counts, reset === "hard" ? u : threshold));
  if (imbalance === 0) return v;
  const negative = mul(threshold, -1 / imbalance);
  const crossed = toDType(lt(detach(u), negative), "float32");
  return sub(v, mul(crossed, negative));
}

const keys = new Set(["name", "levels", "amplitude", "learntLeak", "charge", "fire", "reset", "learnt"]);

/** The largest D whose integers a byte holds with room for the kernels' sums. */
export const MOST_LEVELS = 127;

/**
 * Checks a neuron's parts.
 *
 * @param operation - begins the error's message
 * @param neuron - checked; its functions are not called
 * @throws OptionError unless it has a name and a charge, and each part is of its kind
 */
export function checkNeuron(operation: string, neuron: Neuron): void {
  if (typeof neuron !== "object" || neuron === null) refuse(operation, "neuron", "a neuron", neuron);
  checkKeys(`${operation}: neuron`, neuron, keys);
  const { name, charge, fire, reset, learntLeak, levels, amplitude = 1, learnt = {} } = neuron;
  if (typeof name !== "string" || name === "") refuse(operation, "neuron.name", "a name", name);
  const next = "no file keeps a neuron's functions: give it in the code";
  if (typeof charge !== "function") refuse(operation, `charge of neuron ${name}`, "a function", charge, next);
  for (const [part, value] of Object.entries({ fire, reset, learntLeak })) {
    if (value !== undefined && typeof value !== "function") {
      refuse(operation, `${part} of neuron ${name}`, "a function", value);
    }
  }
  if (levels !== undefined) {
    checkInteger(operation, `levels of neuron ${name}`, levels, { most: MOST_LEVELS });
  }
  if (amplitude !== "threshold") {
    checkNumber(operation, `amplitude of neuron ${name}`, amplitude, { above: 0, float32: true });
  }
  for (const [number, value] of Object.entries(learnt)) {
    checkNumber(operation, `learnt.${number} of neuron ${name}`, value);
    if (number === "threshold" || number.includes(".")) {
      refuse(operation, `learnt.${number} of neuron ${name}`, "named otherwise", number);
    }
  }
}

/** Why the fused kernels cannot compute a neuron, as the end of a sentence; `undefined` if they can. @param neuron - {@link lif} alone can be */
export function neuronObstacle(neuron: Neuron): string | undefined {
  return neuron === lif ? undefined : `its neurons are ${neuron.name}, and the kernels know LIF alone`;
}
