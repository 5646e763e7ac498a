/** What the pixels of a simulated event camera are like. */
import { checkKeys, checkNumber } from "../../checks/web.js";

/** Settings of the pixels; contrasts are differences of natural logarithms of intensity. */
export interface SensorModel {
  /** Rise at which a pixel sends an event of polarity 1, on average over the pixels; above 0. */
  readonly onContrast: number;
  /** Fall at which it sends one of polarity 0, likewise. */
  readonly offContrast: number;
  /** Standard deviation of both contrasts from pixel to pixel, 0 or more; none falls below 0.01. */
  readonly mismatch: number;
  /** Time after an event during which a pixel sends no other, in microseconds, 0 or more. */
  readonly refractoryUs: number;
  /** Events of polarity 1 a second that a pixel sends without a cause, as its reference leaks; 0 or more. */
  readonly leakHz: number;
  /** Events of either polarity a second that a dark pixel sends by chance, 0 or more; a bright one sends a quarter. */
  readonly shotHz: number;
}

/** Name of a sensor. */
export type SensorModelName = "ideal" | "clean" | "noisy";

/**
 * Sensors by name: `ideal` pixels are all alike and free of noise; `clean` and `noisy` are v2e's (whose `noisy` also has
 * a bandwidth of 30 Hz, which is not modelled).
 *
 * @see Hu, Liu & Delbruck 2021, arXiv:2006.07722 (v2e)
 */
export const sensorModels: Readonly<Record<SensorModelName, SensorModel>> = {
  ideal: { onContrast: 0.2, offContrast: 0.2, mismatch: 0, refractoryUs: 0, leakHz: 0, shotHz: 0 },
  clean: { onContrast: 0.2, offContrast: 0.2, mismatch: 0.02, refractoryUs: 0, leakHz: 0, shotHz: 0 },
  noisy: { onContrast: 0.2, offContrast: 0.2, mismatch: 0.05, refractoryUs: 500, leakHz: 0.1, shotHz: 5 },
};

const keys = new Set(Object.keys(sensorModels.ideal));

/** @throws OptionError if a setting is unknown or out of its range */
export function checkSensorModel(operation: string, model: SensorModel): void {
  checkKeys(operation, model, keys);
  for (const key of ["onContrast", "offContrast"] as const)
    checkNumber(operation, key, model[key], { above: 0 });
  for (const key of ["mismatch", "refractoryUs", "leakHz", "shotHz"] as const) {
    checkNumber(operation, key, model[key], { least: 0 });
  }
}
