/** Errors as the command line shows them. */
import { CommanderError } from "commander";
import { OptionError, SnnsegError } from "../../errors.js";
import { visible } from "./visible.js";

/** One line that says what went wrong; the stack behind it with `debug`. */
export function describeError(error: unknown, { debug }: { readonly debug: boolean }): string {
  const line = visible(oneLine(error instanceof Error ? error.message : String(error)));
  const known = error instanceof SnnsegError || error instanceof CommanderError;
  const text = known
    ? `error: ${line.replace(/^error: /, "")}`
    : `internal error: ${line} (--debug shows where)`;
  return debug && error instanceof Error ? `${text}\n${visible(stackOf(error))}` : text;
}

/** 2 for wrong usage, 1 for everything else. */
export function exitCodeOf(error: unknown): 1 | 2 {
  return error instanceof OptionError || error instanceof CommanderError ? 2 : 1;
}

function oneLine(message: string): string {
  return message
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join(" ");
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
