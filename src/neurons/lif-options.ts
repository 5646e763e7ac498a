/** What a layer of spiking neurons is given over all timesteps, and what it gives. */
import type { Tensor } from "../engine/index.js";
import type { Surrogate } from "./surrogates.js";

/** What may happen to a membrane that fires; `Reset` says what they do. */
export const resets = ["soft", "hard"] as const;
/** What happens to the membrane of a neuron that fires: ϑ is subtracted, or it becomes 0. */
export type Reset = (typeof resets)[number];

/** What defines neurons beside their thresholds. */
export interface Dynamics {
  /** λ in (0, 1]. */
  readonly leak: number;
  /** What a spike does to the membrane. */
  readonly reset: Reset;
  /** What backward takes for the derivative of the spike. */
  readonly surrogate: Surrogate;
  /** α of the second, negative threshold −ϑ/α; 0 is none. */
  readonly imbalance: number;
}

/** Batch norm through time: one set of statistics and scales per timestep, each `[T, C]`. */
export interface TemporalNorm {
  /** Learnt scale γ. */
  readonly scale: Tensor;
  /** Means in evaluation. */
  readonly runningMean: Tensor;
  /** Variances in evaluation. */
  readonly runningVar: Tensor;
  /** Normalise with the batch's statistics and update the running ones in place. */
  readonly training: boolean;
  /** Share of the new batch in the running statistics, in [0, 1]. */
  readonly momentum: number;
  /** Added to the variance, above 0. */
  readonly eps: number;
}

/** What a layer of neurons has unless told otherwise; networks begin with the same. */
export const lifDefaults = {
  /** λ. */
  leak: 0.99,
  /** ϑ. */
  threshold: 1,
  /** 0.3·max(0, 1 − |u/ϑ − 1|). */
  surrogate: "linear",
  /** ϑ is subtracted. */
  reset: "soft",
  /** No negative threshold. */
  imbalance: 0,
} as const;

/** How a layer of neurons integrates and fires; what is left out is {@link lifDefaults}'. */
export interface LifOptions extends Partial<Omit<Dynamics, "leak">> {
  /** λ in (0, 1]: a number, or a tensor `[1]`, whose gradient backward gives where it asks for one. */
  readonly leak?: number | Tensor;
  /** ϑ, 0 or more: one value, or a tensor `[1]`, `[C]` or `[C, H, W]` (default 1). */
  readonly threshold?: Tensor | number;
  /** Normalises currents before they charge (default: not). */
  readonly norm?: TemporalNorm | undefined;
  /** How many of the timesteps are normalised (default: all that `norm` covers). */
  readonly normalizedSteps?: number;
  /** v before the first timestep, `[N, C, H, W]`; 0 when absent. Read, never written. */
  readonly initial?: Tensor | undefined;
}

/** {@link LifOptions} with nothing left out. */
export interface LifSettings extends Omit<LifOptions, keyof Dynamics | "threshold">, Omit<Dynamics, "leak"> {
  readonly leak: number | Tensor;
  readonly threshold: Tensor;
}

/** What neurons did over all timesteps. */
export interface LifResult {
  /** s = a·k, `[T, N, C, H, W]`, with k spikes of amplitude a; of LIF 0 and 1. Carries the gradient. */
  readonly spikes: Tensor;
  /** D: the most spikes of a neuron in one of the T steps; 1 of LIF. */
  readonly levels: number;
  /** a: one number, or one a channel of a shape that broadcasts over `[N, C, H, W]`. */
  readonly amplitude: number | Tensor;
  /** v after the last timestep, `[N, C, H, W]`; carries none. */
  readonly membrane: Tensor;
  /** Spikes per timestep over the whole batch, `[T]` int64. */
  readonly counts: Tensor;
  /** Sum of u/ϑ − 1 per timestep over the whole batch, `[T]` float64. */
  readonly excess: Tensor;
}
