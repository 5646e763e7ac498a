/** Memory that all threads of a loader see. */
import { OptionError } from "../../errors.js";

/** States of an entry: nobody has begun it, somebody writes it, and all may read it. Fresh memory is empty. */
export const [EMPTY, WRITING, READY] = [0, 1, 2];

/** @throws OptionError if there is not as much */
export function sharedMemory(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (error) {
    throw new OptionError(
      `create loader: expected ${Math.ceil(bytes / 2 ** 20)} MiB for prepared examples, received less; lower cacheBytes (--cache-mb)`,
      { cause: error },
    );
  }
}
