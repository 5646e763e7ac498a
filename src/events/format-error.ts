/** The one way in which readers say that a file breaks its format. */
import { DataFormatError } from "../errors.js";

/** Where and how a file breaks its format. */
export interface FormatFault {
  /** How the message begins (default `read events`). */
  readonly operation?: string;
  readonly path: string;
  /** Byte in the file, or a record such as `events/x[12]` where the format hides bytes. */
  readonly at: number | string;
  readonly expected: string;
  readonly received: string;
  /** Left out, it asks for a new copy of the file. */
  readonly nextStep?: string;
}

/** `read events: file, byte 123: expected …, received …; next step`. */
export function formatError(fault: FormatFault, options?: ErrorOptions): DataFormatError {
  const { operation = "read events", path, at, expected, received } = fault;
  const { nextStep = "the file is damaged or cut off, copy it again" } = fault;
  const place = typeof at === "number" ? `byte ${at}` : at;
  return new DataFormatError(
    `${operation}: ${path}, ${place}: expected ${expected}, received ${received}; ${nextStep}`,
    options,
  );
}
