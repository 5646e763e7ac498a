/**
 * Prophesee EVT 2.0 raw: a text header, then 32-bit little-endian words whose top 4 bits say what they are.
 *
 * CD_OFF 0 and CD_ON 1 carry 6 low time bits, x and y (11 bits each); EVT_TIME_HIGH 8 carries the upper 28 time
 * bits; EXT_TRIGGER 10, OTHERS 14 and CONTINUED 15 are skipped. Events before the first EVT_TIME_HIGH have no
 * known time and are skipped, as in Prophesee's own decoder.
 *
 * @see Prophesee, "EVT 2.0 Format", Metavision documentation
 */
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { checkPixel, formatError } from "./format-error.js";
import { readPropheseeHeader } from "./prophesee-header.js";

const wordBytes = 4;
const timeHighBits = 28;
const timeLowBits = 6;

/** @throws DataFormatError if the header does not say EVT 2.0; FileError */
export async function openEvt2(path: string): Promise<EventReader> {
  await using file = await ByteFile.open(path);
  const { fields, evt, width, height, end } = await readPropheseeHeader(file);
  if (evt !== "2.0") {
    throw formatError({ path, at: 0, expected: "a header with evt 2.0", received: `evt ${evt}` });
  }
  const reader = { path, format: "evt2", width, height, declaredEvents: undefined, header: fields } as const;
  return { ...reader, batches: () => evt2Batches(path, { start: end, width, height }) };
}

interface Evt2Layout {
  readonly start: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

async function* evt2Batches(path: string, { start, width, height }: Evt2Layout): AsyncGenerator<EventBatch> {
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  let high: number | undefined;
  let wraps = 0;
  let timeBaseUs = 0;
  for await (const { bytes, offset } of file.records(start, wordBytes)) {
    for (let i = 0; i < bytes.length; i += wordBytes) {
      const word = bytes.readUInt32LE(i);
      const kind = word >>> 28;
      if (kind <= 1) {
        if (high === undefined) continue;
        const x = (word >>> 11) & 0x7ff;
        const y = word & 0x7ff;
        checkPixel(x, y, { path, at: offset + i, width, height });
        events.push(timeBaseUs + ((word >>> 22) & 0x3f), x, y, kind);
      } else if (kind === 8) {
        const next = word & 0x0fffffff;
        if (high !== undefined && high - next > 2 ** (timeHighBits - 1)) wraps++;
        high = next;
        timeBaseUs = (wraps * 2 ** timeHighBits + next) * 2 ** timeLowBits;
      } else if (kind !== 10 && kind !== 14 && kind !== 15) {
        throw formatError({
          path,
          at: offset + i,
          expected: "an EVT 2.0 word (type 0, 1, 8, 10, 14 or 15)",
          received: `type ${kind}`,
        });
      }
    }
    yield events.take();
  }
}
