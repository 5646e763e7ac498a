/** Units of time in files that do not state theirs. */

/** Units of time that files use: seconds, milli-, micro- and nanoseconds. */
export const timeUnits = ["s", "ms", "us", "ns"] as const;

/** The unit of a file's times. */
export type TimeUnit = (typeof timeUnits)[number];

/** From a time to whole microseconds. */
export const toMicroseconds: Readonly<Record<TimeUnit, (time: number) => number>> = {
  s: (time) => Math.round(time * 1e6),
  ms: (time) => Math.round(time * 1e3),
  us: (time) => Math.round(time),
  ns: (time) => Math.round(time / 1e3),
};

/**
 * The unit of a whole file: seconds if any of its times has a fraction, nanoseconds if they are too large for
 * microseconds in a double (285 years), else microseconds.
 */
export function usualUnit({
  hasFraction,
  largest,
}: {
  readonly hasFraction: boolean;
  readonly largest: number;
}): TimeUnit {
  if (hasFraction) return "s";
  return largest > Number.MAX_SAFE_INTEGER ? "ns" : "us";
}
