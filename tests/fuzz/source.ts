/**
 * Arguments of a call as the JavaScript that makes them, so that what is run can be printed and pasted.
 */

/** A tensor: how it is filled, in any shape, and what is then done to it. */
export interface TensorSource {
  readonly shape: readonly number[];
  readonly fill: (shape: readonly number[]) => string;
  /** Whether autograd is asked for its gradient. */
  readonly asks?: boolean;
  readonly changes?: readonly ((made: string) => string)[];
}

/** A tensor, a list of them, or the text of anything else. */
export type Source = TensorSource | readonly TensorSource[] | string;

export function isTensor(source: Source): source is TensorSource {
  return typeof source === "object" && !Array.isArray(source);
}

/** The JavaScript of an argument. */
export function textOf(source: Source): string {
  if (typeof source === "string") return source;
  if (!isTensor(source)) return `[${source.map(textOf).join(", ")}]`;
  const made = (source.changes ?? []).reduce((text, step) => step(text), source.fill(source.shape));
  return source.asks ? `${made}.setRequiresGrad(true)` : made;
}

/** `[2, 3]`; `-0`, `NaN` and what JSON does not know stay what they are. */
export function list(values: readonly (number | string)[]): string {
  return `[${values.join(", ")}]`;
}

// Values around 0; above 0; small whole numbers; integers of 0 to 8; words of spikes in channels 0 to 2; carriers; the same value everywhere.
export const normal = (seed: number) => (shape: readonly number[]) => `randn(${list(shape)}, ${seed})`;
export const positive = (seed: number) => (shape: readonly number[]) =>
  `add(rand(${list(shape)}, ${seed}), 0.5)`;
export const whole = (seed: number) => (shape: readonly number[]) =>
  `toDType(toDType(mul(${normal(seed)(shape)}, 3), "int8"), "float32")`;
export const integers = (seed: number) => (shape: readonly number[]) =>
  `toDType(mul(rand(${list(shape)}, ${seed}), 8.9), "uint8")`;
export const words = (seed: number) => (shape: readonly number[]) =>
  `toDType(mul(rand(${list(shape)}, ${seed}), 7.9), "int64")`;
export const carrier = (shape: readonly number[]) => `zeros(${list(shape)}, { dtype: "bfloat16" })`;
export const constant =
  (value: string, dtype = "float32") =>
  (shape: readonly number[]) =>
    `full(${list(shape)}, ${value}, { dtype: "${dtype}" })`;
