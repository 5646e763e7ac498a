/** The numbers of a line of text, read straight from its bytes, as recordings have millions of lines. */
import { latin1Text } from "./latin1.js";

const [newline, comma, semicolon, minus, plus, dot, zero] = [0x0a, 0x2c, 0x3b, 0x2d, 0x2b, 0x2e, 0x30];
const [letterE, lowerCase] = [0x65, 0x20];
const [blank, tab, carriageReturn] = [0x20, 0x09, 0x0d];

/** Powers of ten that a double holds exactly: a product or quotient with one of them rounds once, as reading the text does. */
const powers = Array.from({ length: 23 }, (_, k) => 10 ** k);

/** More than a line of events has in any known file. */
export const mostColumns = 16;

function isSeparator(byte: number): boolean {
  return byte === blank || byte === comma || byte === tab || byte === carriageReturn || byte === semicolon;
}

/**
 * Reads the fields of the line `start` ≤ byte < `end`, separated by blanks, commas or semicolons, into `into`.
 *
 * @returns their number; 0 if one of them is neither a number nor `true` or `false`, or there are more than `into` holds
 */
export function readFields(bytes: Uint8Array, start: number, end: number, into: Float64Array): number {
  let count = 0;
  for (let at = start; ; count++) {
    while (at < end && isSeparator(bytes[at]!)) at++;
    if (at >= end) return count;
    if (count === into.length) return 0;
    const begin = at;
    const isNegative = bytes[at] === minus;
    if (isNegative || bytes[at] === plus) at++;
    let [mantissa, digits, decimals] = [0, 0, 0];
    for (; at < end; at++, digits++) {
      const digit = bytes[at]! - zero;
      if (digit < 0 || digit > 9) break;
      mantissa = 10 * mantissa + digit;
    }
    // A whole number, as most are.
    if (digits > 0 && mantissa <= Number.MAX_SAFE_INTEGER && (at >= end || isSeparator(bytes[at]!))) {
      into[count] = isNegative ? -mantissa : mantissa;
      continue;
    }
    if (at < end && bytes[at] === dot) {
      // Zeros count only before another digit: `np.savetxt` writes many at the end.
      let zeros = 0;
      for (at++; at < end; at++, digits++) {
        const digit = bytes[at]! - zero;
        if (digit < 0 || digit > 9) break;
        zeros++;
        if (digit === 0) continue;
        mantissa = mantissa * (powers[zeros] ?? NaN) + digit;
        decimals += zeros;
        zeros = 0;
      }
    }
    let exponent = 0;
    if (digits > 0 && at + 1 < end && (bytes[at]! | lowerCase) === letterE) {
      const sign = bytes[at + 1] === minus ? -1 : 1;
      let digitAt = bytes[at + 1] === minus || bytes[at + 1] === plus ? at + 2 : at + 1;
      const first = digitAt;
      for (; digitAt < end && digitAt < first + 3; digitAt++) {
        const digit = bytes[digitAt]! - zero;
        if (digit < 0 || digit > 9) break;
        exponent = 10 * exponent + digit;
      }
      exponent *= sign;
      if (digitAt > first) at = digitAt;
    }
    const isPlain = digits > 0 && (at >= end || isSeparator(bytes[at]!));
    const power = powers[Math.abs(exponent - decimals)];
    if (isPlain && mantissa <= Number.MAX_SAFE_INTEGER && power !== undefined) {
      const value = exponent < decimals ? mantissa / power : mantissa * power;
      into[count] = isNegative ? -value : value;
      continue;
    }
    while (at < end && !isSeparator(bytes[at]!)) at++;
    const value = rareField(latin1Text(bytes, begin, at));
    if (value === undefined) return 0;
    into[count] = value;
  }
}

/** Long numbers, large exponents and words. */
function rareField(text: string): number | undefined {
  if (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i.test(text)) return Number(text);
  if (/^true$/i.test(text)) return 1;
  return /^false$/i.test(text) ? 0 : undefined;
}

/** True for lines without content and for comments. */
export function isBlankOrComment(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  while (at < end && (bytes[at] === blank || bytes[at] === tab || bytes[at] === carriageReturn)) at++;
  return at >= end || bytes[at] === 0x23;
}

/** Where the line that starts at `start` ends: its newline, or the end of the bytes. */
export function lineEnd(bytes: Uint8Array, start: number): number {
  // Lines are short: a call of indexOf would cost more than it finds.
  let end = start;
  while (end < bytes.length && bytes[end] !== newline) end++;
  return end;
}
