/**
 * Bytes as text of one letter each (ISO 8859-1), and back. `TextDecoder` cannot: it takes that name for Windows-1252, whose
 * letters of the bytes 0x80 to 0x9f are others.
 */

/** Letters made at once; more arguments than that would overflow the stack of some engines. */
const lettersAtOnce = 4096;

/** The bytes `start` ≤ byte < `end`. */
export function latin1Text(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const last = Math.min(end, bytes.length);
  let text = "";
  for (let at = start; at < last; at += lettersAtOnce) {
    // Not spread, which takes the letters one by one.
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(last, at + lettersAtOnce)) as never);
  }
  return text;
}

/** The low byte of each letter. */
export function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
