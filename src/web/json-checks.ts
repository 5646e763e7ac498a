/** What a value from JSON is. */

/** A JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An integer of a range. */
export function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** A number from `least` on. */
export function isNumber(value: unknown, least = -Infinity): value is number {
  return Number.isFinite(value) && (value as number) >= least;
}

/** An array, each item of which is as it should be. */
export function isListOf(value: unknown, isItem: (item: unknown) => boolean): value is unknown[] {
  return Array.isArray(value) && value.every(isItem);
}
