/** Errors between threads: they cross as plain data and keep their class. */
import * as errors from "../errors.js";

export interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
}

/** An error as plain data. */
export function plainError(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), stack: undefined };
  return { name: error.name, message: error.message, stack: error.stack };
}

/** The error again, of the same class where it is one of ours. */
export function revivedError({ name, message, stack }: PlainError): Error {
  const known: Readonly<Record<string, unknown>> = errors;
  const ErrorClass = known[name];
  const error =
    typeof ErrorClass === "function" && name !== "SnnsegError"
      ? (new (ErrorClass as new (message: string) => Error)(message) satisfies Error)
      : new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}
