/** The neuron interface, LIF as the first of its kind, and one timestep of any. */
import { checkKeys, checkNumber, refuse } from "../checks/index.js";
import { add, detach, div, lt, mul, scope, sub, type Tensor, toDType } from "../engine/index.js";
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
 *     s[t] = fire(u[t]/ϑ − 1)          unless told otherwise Θ, with the surrogate's gradient
 *     v[t] = reset(u[t], s[t])         unless told otherwise as the dynamics say: soft or hard
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
  /**
   * u[t], `[N, C, H, W]`.
   *
   * @param v - v[t−1], of that shape; read, never written
   * @param current - i[t], of that shape, normalised where the layer has batch norm
   * @param parameters - thresholds, dynamics and the numbers that the layer has learnt
   */
  readonly charge: (v: Tensor, current: Tensor, parameters: NeuronParameters) => Tensor;
  /**
   * s[t] of 0 and 1, `[N, C, H, W]`, with its gradient; see `customGradient` (default: x > 0, with the surrogate's).
   *
   * @param x - u[t]/ϑ − 1
   * @param parameters - thresholds, dynamics and the numbers that the layer has learnt
   */
  readonly fire?: (x: Tensor, parameters: NeuronParameters) => Tensor;
  /**
   * v[t], `[N, C, H, W]` (default: soft or hard, as the dynamics say).
   *
   * @param u - u[t]
   * @param spikes - s[t], without a gradient
   * @param parameters - thresholds, dynamics and the numbers that the layer has learnt
   */
  readonly reset?: (u: Tensor, spikes: Tensor, parameters: NeuronParameters) => Tensor;
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
  /** s[t], with its gradient. */
  readonly spikes: Tensor;
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
  const { charge, fire = fireAbove, reset = resetAsSaid } = neuron;
  const checked = (part: string, result: Tensor) => {
    if (result.shape.join() === current.shape.join()) return result;
    throw new ShapeError(
      `${part} of neuron ${neuron.name}: expected a result [${current.shape}], received [${result.shape}]`,
    );
  };
  return scope("neuron step", () => {
    const u = checked("charge", charge(v, current, parameters));
    const x = sub(div(u, parameters.threshold), 1);
    const spikes = checked("fire", fire(x, parameters));
    return { spikes, v: checked("reset", reset(u, detach(spikes), parameters)), x };
  });
}

function fireAbove(x: Tensor, { surrogate }: NeuronParameters): Tensor {
  return spike(x, surrogate);
}

/** v = u − ϑ·s, or u·(1 − s); with imbalance α a membrane below −ϑ/α is lifted by ϑ/α. */
function resetAsSaid(u: Tensor, spikes: Tensor, { reset, threshold, imbalance }: NeuronParameters): Tensor {
  const v = sub(u, mul(spikes, reset === "hard" ? u : threshold));
  if (imbalance === 0) return v;
  const negative = mul(threshold, -1 / imbalance);
  const crossed = toDType(lt(detach(u), negative), "float32");
  return sub(v, mul(crossed, negative));
}

const keys = new Set(["name", "charge", "fire", "reset", "learnt"]);

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
  const { name, charge, fire, reset, learnt = {} } = neuron;
  if (typeof name !== "string" || name === "") refuse(operation, "neuron.name", "a name", name);
  const next = "no file keeps a neuron's functions: give it in the code";
  if (typeof charge !== "function") refuse(operation, `charge of neuron ${name}`, "a function", charge, next);
  for (const [part, value] of Object.entries({ fire, reset })) {
    if (value !== undefined && typeof value !== "function") {
      refuse(operation, `${part} of neuron ${name}`, "a function", value);
    }
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
