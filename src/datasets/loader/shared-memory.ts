/** Memory that all threads of a loader see. */
import { OptionError } from "../../errors.js";

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
