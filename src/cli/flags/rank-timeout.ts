import { InvalidArgumentError } from "commander";
import { leastRankTimeout } from "../../distributed/index.js";

/** Parses `--rank-timeout`. */
export function rankTimeout(word: string): number {
  const value = Number(word);
  if (!Number.isInteger(value) || value < leastRankTimeout) {
    throw new InvalidArgumentError(`Expected a whole number of seconds, ${leastRankTimeout} or more.`);
  }
  return value;
}
