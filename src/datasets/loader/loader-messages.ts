/** What the loader and its worker threads tell each other; errors cross as plain data and keep their class. */
import * as errors from "../../errors.js";
import type { DatasetSpec } from "../kinds/kinds.js";
import type { Augmentation } from "../prepare/augmentation.js";
import type { Noise } from "../prepare/noise.js";
import type { Batch, BatchJob } from "./batch.js";
import type { CacheLayout } from "./record-cache.js";

/** What a worker opens. */
export interface WorkerSetup {
  readonly spec: DatasetSpec;
  readonly split: string;
  readonly augment: Augmentation | undefined;
  readonly noise: Noise | undefined;
  readonly cache: { readonly layout: CacheLayout; readonly memory: SharedArrayBuffer };
}

/** A batch to read, or the wish to end. */
export type WorkerRequest = { readonly job: number; readonly batch: BatchJob } | "close";

export type WorkerReply =
  | { readonly job: number; readonly batch: Batch }
  | { readonly job: number; readonly error: PlainError };

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
