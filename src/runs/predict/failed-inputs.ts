/** Pictures and recordings that could not be read: told at the end, as they stop none of the others. */
import { DataFormatError, type SnnsegError } from "../../errors.js";

/** A picture or recording that could not be read. */
export interface Failed {
  /** Its path. */
  readonly input: string;
  /** Why. */
  readonly error: SnnsegError;
}

/** What `--json` says of them. */
export function failedJson(failed: readonly Failed[]): Readonly<Record<string, unknown>> {
  return { failed: failed.map(({ input, error }) => ({ input, error: error.message })) };
}

/** The error to end with, after the answers about the others. */
export function failedError(failed: readonly Failed[]): SnnsegError {
  const [first] = failed as [Failed];
  if (failed.length === 1) return first.error;
  return new DataFormatError(
    `predict: expected files that can be read, received ${failed.length} that cannot (the others are done): ${failed.map(({ error }) => error.message).join("; ")}`,
  );
}
