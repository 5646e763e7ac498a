/**
 * Text recordings: one event a line, `t x y p`, separated by blanks or commas, polarity 0/1 or -1/1. Lines that
 * start with # and blank lines are skipped; a first line of two whole numbers states width and height.
 *
 * Times with a decimal point are seconds (rounded to the microsecond), others microseconds.
 *
 * @see Mueggler et al. 2017, "The Event-Camera Dataset and Simulator", doi:10.1177/0278364917691115
 */
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { checkPixel, formatError } from "./format-error.js";

const longestLine = 512;
const separator = /[\s,]+/;

/** @throws DataFormatError if the first lines are neither a size nor an event; FileError */
export async function openTextEvents(path: string): Promise<EventReader> {
  await using file = await ByteFile.open(path);
  const first = (await file.read(0, longestLine)).toString("latin1").split("\n", 1)[0]?.trim() ?? "";
  const size = /^(\d{1,5})[\s,]+(\d{1,5})$/.exec(first);
  const width = size ? Number(size[1]) : undefined;
  const height = size ? Number(size[2]) : undefined;
  const reader = { path, format: "text", width, height, declaredEvents: undefined, header: {} } as const;
  return { ...reader, batches: () => textBatches(path, { width, height }) };
}

/** True if the text starts like such a recording. */
export function looksLikeEventText(start: string): boolean {
  const lines = start.split("\n", 200).slice(0, start.includes("\n") ? -1 : undefined);
  const line = lines.map((l) => l.trim()).find((l) => l !== "" && !l.startsWith("#"));
  if (line === undefined) return false;
  return /^\d{1,5}[\s,]+\d{1,5}$/.test(line) || parseLine(line) !== undefined;
}

interface TextEvent {
  readonly timestampUs: number;
  readonly x: number;
  readonly y: number;
  readonly polarity: number;
}

async function* textBatches(
  path: string,
  size: { readonly width: number | undefined; readonly height: number | undefined },
): AsyncGenerator<EventBatch> {
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  let rest = "";
  let lineAt = 0;
  let sizeLine = size.width !== undefined;
  const take = (raw: string) => {
    const line = raw.trim();
    if (sizeLine) sizeLine = false;
    else if (line !== "" && !line.startsWith("#")) {
      const event = parseLine(line);
      if (event === undefined) {
        throw formatError({
          path,
          at: lineAt,
          expected: "a line `t x y p`",
          received: JSON.stringify(line.slice(0, 60)),
        });
      }
      checkPixel(event.x, event.y, { path, at: lineAt, ...size });
      events.push(event.timestampUs, event.x, event.y, event.polarity);
    }
    lineAt += raw.length + 1;
  };
  for await (const { bytes } of file.records(0, 1)) {
    // latin1: one character a byte, so that offsets are right whatever the file holds.
    const lines = (rest + bytes.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
    if (rest.length > longestLine) {
      throw formatError({
        path,
        at: lineAt,
        expected: `lines below ${longestLine} bytes`,
        received: "a longer one",
      });
    }
    yield events.take();
  }
  if (rest !== "") take(rest);
  yield events.take();
}

function parseLine(line: string): TextEvent | undefined {
  const fields = line.split(separator);
  const [time = "", xText = "", yText = "", p = ""] = fields;
  if (fields.length !== 4 || !/^\d+(\.\d*)?(e[+-]?\d{1,2})?$/i.test(time)) return undefined;
  if (!/^\d{1,5}$/.test(xText) || !/^\d{1,5}$/.test(yText) || !/^(-1|0|1)$/.test(p)) return undefined;
  const [x, y] = [Number(xText), Number(yText)];
  const timestampUs = /[.e]/i.test(time) ? Math.round(Number(time) * 1e6) : Number(time);
  if (x > 65535 || y > 65535 || timestampUs > Number.MAX_SAFE_INTEGER) return undefined;
  return { timestampUs, x, y, polarity: p === "1" ? 1 : 0 };
}
