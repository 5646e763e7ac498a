import { InvalidArgumentError } from "commander";
import { rankTimeoutLimits } from "../../distributed/index.js";

/** Parses `--rank-timeout`. */
export function rankTimeout(word: string): number {
  const value = Number(word);
  const { least, most } = rankTimeoutLimits;
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new InvalidArgumentError(`Expected a whole number of seconds from ${least} to ${most}.`);
  }
  return value;
}
