/**
 * Checks of what callers pass, in one wording: `rand: expected seed to be an integer of 0 or more, received NaN`.
 * They cost a few comparisons where the value is good; a text is made only for one that is not.
 */
import { OptionError } from "../errors.js";
import { nearestName } from "./nearest-name.js";

/** Largest size, padding, dilation …: the kernels count in 32 bits. */
export const LARGEST_INT = 2 ** 31 - 1;

/** Bounds of an integer, both included. */
export interface IntegerRange {
  /** Default 1. */
  readonly least?: number;
  /** Default 2⁵³ − 1. */
  readonly most?: number;
}

/** @throws OptionError unless `value` is an integer of the range */
export function checkInteger(
  operation: string,
  name: string,
  value: unknown,
  range: IntegerRange = {},
): void {
  const { least = 1, most = Number.MAX_SAFE_INTEGER } = range;
  if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most) return;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  refuse(operation, name, `an integer ${bounds}`, value);
}

/** Bounds of a finite number; none by default. */
export interface NumberRange {
  readonly least?: number;
  readonly above?: number;
  readonly most?: number;
  readonly below?: number;
  /** It becomes a float32, and must lie in the range as one: not infinite, not 0 (default false). */
  readonly float32?: boolean;
}

/** @throws OptionError unless `value` is a finite number of the range */
export function checkNumber(operation: string, name: string, value: unknown, range: NumberRange = {}): void {
  const x = value as number;
  const isWithin = liesIn(x, range);
  if (isWithin && (!range.float32 || liesIn(Math.fround(x), range))) return;
  refuse(operation, name, `a finite number${wordsOf(range)}${isWithin ? " as a float32" : ""}`, value);
}

function liesIn(x: number, range: NumberRange): boolean {
  const { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity } = range;
  return Number.isFinite(x) && x >= least && x > above && x <= most && x < below;
}

function wordsOf({ least, above, most, below }: NumberRange): string {
  const low = least ?? above;
  const high = most ?? below;
  if (low === undefined)
    return high === undefined ? "" : most === undefined ? ` below ${high}` : ` of ${high} or less`;
  if (high === undefined) return least === undefined ? ` above ${low}` : ` of ${low} or more`;
  return ` in ${least === undefined ? "(" : "["}${low}, ${high}${most === undefined ? ")" : "]"}`;
}

/** @throws OptionError unless `value` is true or false */
export function checkBoolean(operation: string, name: string, value: unknown): void {
  if (typeof value !== "boolean") refuse(operation, name, "true or false", value);
}

/** @throws OptionError unless `value` is one of `choices`; it lists them and names the nearest */
export function checkOneOf(
  operation: string,
  name: string,
  value: unknown,
  choices: readonly string[],
): void {
  if ((choices as readonly unknown[]).includes(value)) return;
  const near = typeof value === "string" ? nearestName(value, choices) : undefined;
  refuse(operation, name, `one of ${choices.join(", ")}`, value, near && `did you mean ${near}?`);
}

/** @throws OptionError for the first key of `options` that is none of `known`; it names the nearest */
export function checkKeys(operation: string, options: object, known: ReadonlySet<string>): void {
  if (options === null || typeof options !== "object") refuse(operation, "options", "an object", options);
  for (const key in options) {
    if (known.has(key)) continue;
    const near = nearestName(key, known);
    const next = near === undefined ? `choose among ${[...known].join(", ")}` : `did you mean ${near}?`;
    throw new OptionError(`${operation}: expected known options, received ${key}; ${next}`);
  }
}

/** A seed of random numbers. @throws OptionError unless it is an integer from 0 to 2⁵³ − 1 */
export function checkSeed(operation: string, seed: unknown): void {
  checkInteger(operation, "seed", seed, { least: 0 });
}

/** Ends in the error that a check throws. */
export function refuse(
  operation: string,
  name: string,
  expected: string,
  received: unknown,
  next?: string | undefined,
): never {
  const rest = next ? `; ${next}` : "";
  throw new OptionError(
    `${operation}: expected ${name} to be ${expected}, received ${shown(received)}${rest}`,
  );
}

/** A value as an error shows it: short, text in quotes, and lists in lists not at length, as they may hold themselves. */
export function shown(value: unknown, depth = 0): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "bigint") return `${value}n`;
  if (Array.isArray(value) && depth === 2) return "[…]";
  if (Array.isArray(value))
    return `[${value
      .slice(0, 8)
      .map((each) => shown(each, depth + 1))
      .join(", ")}${value.length > 8 ? ", …" : ""}]`;
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return withArticle(value.constructor?.name ?? "Object");
  return String(value);
}

function withArticle(className: string): string {
  return `${/^[AEIOU]/.test(className) ? "an" : "a"} ${className}`;
}
