/**
 * How the lines of a text recording are to be read: which column is what, and in which unit the times are. Both hold
 * for the whole file and are found from the whole file, as one line alone cannot tell: `1` between `0.99999` and
 * `1.00001` is a second.
 */
import { DataFormatError } from "../errors.js";
import type { EventFileOptions, SensorSize } from "./event-reader.js";
import { latin1Bytes, latin1Text } from "./latin1.js";
import { type Columns, columnsOfText, namedColumns, orderOfValues } from "./text-columns.js";
import { mostColumns, readFields } from "./text-fields.js";
import type { TimeUnit } from "./time-unit.js";

/** What the first lines say. */
export interface TextHead {
  /** The first byte of the text. */
  readonly start: number;
  /** The sensor, if the first line is `width height`. */
  readonly stated: Partial<SensorSize>;
  readonly columns: Columns;
  /** The unit that a header line names. */
  readonly unit: TimeUnit | undefined;
  /** Lines before the events that are no comments: a size or a header. */
  readonly headLines: number;
  /** Of the first lines, in the unit of the file. */
  readonly largestTime: number;
}

/** Some thousand lines, which show what the columns are. */
export const textHeadBytes = 64 * 1024;

const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * Looks at the first bytes of a file.
 *
 * @returns undefined if it is no text of events
 * @throws DataFormatError if it is, but its columns cannot be told apart; OptionError if `columns` is none
 */
export function textHead(path: string, bytes: Uint8Array, options: EventFileOptions): TextHead | undefined {
  const start = byteOrderMark.every((byte, i) => bytes[i] === byte) ? 3 : 0;
  const text = latin1Text(bytes, start);
  // Of a longer file the last line is cut.
  const complete = bytes.length < textHeadBytes ? text : text.slice(0, text.lastIndexOf("\n"));
  const lines = complete.split("\n").map((line) => line.trim());
  const content = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const size = /^(\d{1,5})[\s,;]+(\d{1,5})$/.exec(content[0] ?? "");
  const header = size ? undefined : namedColumns(content[0] ?? "");
  const headLines = size || header ? 1 : 0;
  const rows = content.slice(headLines).map(numbersOf);
  const comments = lines.filter((line) => line.startsWith("#")).map((line) => namedColumns(line.slice(1)));
  const names = header ?? comments.find((found) => found !== undefined);
  const named = options.columns === undefined ? names?.order : columnsOfText(options.columns);
  const columns = named ?? orderOfValues(path, rows);
  if (columns === undefined) return undefined;
  const events = rows.filter((row) => row.length === columns.count);
  if (events.length < rows.length / 2 || (rows.length === 0 && header === undefined)) return undefined;
  return {
    ...{ start, columns, unit: names?.unit, headLines },
    stated: size ? { width: Number(size[1]), height: Number(size[2]) } : {},
    largestTime: Math.max(...events.map((row) => row[columns.t]!)),
  };
}

/** None if a field is no number. */
function numbersOf(line: string): readonly number[] {
  const bytes = latin1Bytes(line);
  const fields = new Float64Array(mostColumns);
  return [...fields.subarray(0, readFields(bytes, 0, bytes.length, fields))];
}

/** True if the bytes start like a text of events, even one whose columns must be named. */
export function looksLikeEventText(start: Uint8Array, options: EventFileOptions): boolean {
  try {
    return textHead("", start, options) !== undefined;
  } catch (error) {
    if (error instanceof DataFormatError) return true;
    throw error;
  }
}
