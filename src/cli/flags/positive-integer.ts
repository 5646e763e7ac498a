import { InvalidArgumentError } from "commander";

/** Parses a count given on the command line. */
export function positiveInteger(word: string): number {
  const value = Number(word);
  if (!Number.isInteger(value) || value < 1) {
    throw new InvalidArgumentError("Expected a whole number of at least 1.");
  }
  return value;
}
