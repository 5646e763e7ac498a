/** The digits of the package `mnist`: `{"data":[0,0.149,…]}`, ink from 0 to 1. Ten times as fast as `JSON.parse`, and without its garbage. */
import { DataFormatError } from "../../../errors.js";

const [zero, nine, point, comma, end] = [..."09.,]"].map((sign) => sign.charCodeAt(0));
const space = 32;

/**
 * Ink as bytes, 0 … 255.
 *
 * @param text - the file's bytes
 * @param file - for errors
 * @throws DataFormatError for a list that is none, or has anything else than such numbers
 */
export function parseInk(text: Uint8Array, file: string): Uint8Array {
  const ink = new Uint8Array(text.length);
  let [count, digits, scale, isFraction] = [0, 0, 1, false];
  for (let at = text.indexOf("[".charCodeAt(0)) + 1; at > 0 && at < text.length; at++) {
    const sign = text[at]!;
    if (sign >= zero! && sign <= nine!) {
      digits = digits * 10 + sign - zero!;
      if (isFraction) scale *= 10;
    } else if (sign === comma || sign === end) {
      ink[count++] = Math.round((digits / scale) * 255);
      if (sign === end) return ink.slice(0, count);
      [digits, scale, isFraction] = [0, 1, false];
    } else if (sign === point) {
      isFraction = true;
    } else if (sign > space) {
      break;
    }
  }
  throw new DataFormatError(
    `read ${file}: expected a list of numbers from 0 to 1, received something else; install the package mnist again`,
  );
}
