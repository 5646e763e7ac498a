/**
 * Header of Prophesee's DAT and RAW files: lines `% key value`.
 *
 * @see Prophesee, "DAT File Format" and "RAW File Format", Metavision documentation
 */
import type { ByteFile } from "./byte-file.js";
import type { SensorSize } from "./event-reader.js";
import { formatError } from "./format-error.js";
import { readTextHeader } from "./text-header.js";

/** What the header says; `end` is the first byte after it. */
export interface PropheseeHeader {
  readonly fields: Readonly<Record<string, string>>;
  /** `"2.0"` for `% evt 2.0` or `% format EVT2;…`; undefined in DAT files. */
  readonly evt: string | undefined;
  /** The sensor, as far as it is stated. */
  readonly stated: Partial<SensorSize>;
  readonly end: number;
}

/** @throws DataFormatError if a stated size is no whole number from 1 to 65535 */
export async function readPropheseeHeader(file: ByteFile): Promise<PropheseeHeader> {
  const { lines, end } = await readTextHeader(file, { mark: "% ", endLine: "end" });
  const fields: Record<string, string> = {};
  for (const line of lines) {
    const space = line.indexOf(" ");
    if (space > 0) fields[line.slice(0, space).toLowerCase()] = line.slice(space + 1).trim();
  }
  for (const part of (fields.format ?? "").split(";").slice(1)) {
    const [key, value] = part.split("=");
    if (key && value) fields[key.trim().toLowerCase()] = value.trim();
  }
  const [geometryWidth, geometryHeight] = (fields.geometry ?? "").split("x");
  const format = /^EVT(\d)(\d?)/i.exec(fields.format ?? "");
  const evt = fields.evt ?? (format ? `${format[1]}.${format[2] || "0"}` : undefined);
  const width = pixels(file, "width", fields.width ?? geometryWidth);
  const height = pixels(file, "height", fields.height ?? geometryHeight);
  const stated = { ...(width === undefined ? {} : { width }), ...(height === undefined ? {} : { height }) };
  return { fields, evt, stated, end };
}

function pixels(file: ByteFile, name: string, text: string | undefined): number | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 65535) return value;
  throw formatError({
    path: file.name,
    at: `header field ${name}`,
    expected: "a number of pixels from 1 to 65535",
    received: JSON.stringify(text.slice(0, 40)),
  });
}
