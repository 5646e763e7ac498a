/** The one way in which readers say that a file breaks its format. */
import { DataFormatError } from "../errors.js";

/** Where and how a file breaks its format. */
export interface FormatFault {
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
  const { path, at, expected, received, nextStep = "the file is damaged or cut off, copy it again" } = fault;
  const place = typeof at === "number" ? `byte ${at}` : at;
  return new DataFormatError(
    `read events: ${path}, ${place}: expected ${expected}, received ${received}; ${nextStep}`,
    options,
  );
}

/**
 * Throws if the pixel lies outside the sensor; sizes that the file does not state are not checked.
 *
 * @param place.at - asked for only then, as it is called for every event
 */
export function checkPixel(x: number, y: number, place: PixelPlace): void {
  const { width = Infinity, height = Infinity } = place;
  if (x < width && y < height) return;
  const at = typeof place.at === "function" ? place.at() : place.at;
  const expected = `a pixel of a ${width} x ${height} sensor`;
  throw formatError({ path: place.path, at, expected, received: `x ${x}, y ${y}` });
}

interface PixelPlace {
  readonly path: string;
  readonly at: number | (() => string);
  readonly width: number | undefined;
  readonly height: number | undefined;
}
