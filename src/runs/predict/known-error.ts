/** Errors that stop one file and none of the others. */
import { SnnsegError } from "../../errors.js";

/** An error about a file as a value; others are thrown on. */
export function knownError(error: unknown): SnnsegError {
  if (error instanceof SnnsegError) return error;
  throw error;
}
