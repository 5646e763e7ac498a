/**
 * Prophesee EVT 2.0 raw: a text header, then 32-bit little-endian words whose top 4 bits say what they are.
 *
 * CD_OFF 0 and CD_ON 1 carry 6 low time bits, x and y (11 bits each); EVT_TIME_HIGH 8 carries the upper 28 time
 * bits; EXT_TRIGGER 10, OTHERS 14 and CONTINUED 15 are passed over, the others are reserved. Events before the first
 * EVT_TIME_HIGH have no known time and are passed over, as in Prophesee's own decoder.
 *
 * @see Prophesee, "EVT 2.0 Format", Metavision documentation
 */
import { type ByteSource, recordPieces } from "./byte-file.js";
import { EventCollector } from "./event-batch.js";
import {
  boundsOf,
  type EventFile,
  type EventFileOptions,
  type EventReading,
  type ReadEvents,
  sensorOf,
} from "./event-reader.js";
import { formatError } from "./format-error.js";
import { readPropheseeHeader } from "./prophesee-header.js";
import type { SkipLog } from "./skipped-events.js";
import { UnwrappedClock } from "./unwrapped-clock.js";

const wordBytes = 4;
const timeHighBits = 28;
const timeLowBits = 6;

/** @throws DataFormatError if the header does not say EVT 2.0; FileError */
export async function openEvt2(source: ByteSource, options: EventFileOptions): Promise<EventFile> {
  await using file = await source.open();
  const path = source.name;
  const { fields, evt, stated, end } = await readPropheseeHeader(file);
  if (evt !== "2.0") {
    throw formatError({ path, at: 0, expected: "a header with evt 2.0", received: `evt ${evt}` });
  }
  const sensor = sensorOf(path, stated, options);
  const head = { path, format: "evt2", ...sensor, declaredEvents: undefined, header: fields } as const;
  const clock = new UnwrappedClock(timeHighBits);
  const reading = { start: end, clock, timeBaseUs: undefined, ...boundsOf(sensor) };
  return { ...head, read: evt2Events(source, reading) };
}

interface Evt2Reading extends EventReading {
  /** At the start; not changed. */
  readonly clock: UnwrappedClock;
  /** Of the EVT_TIME_HIGH before the start, if there was one. */
  readonly timeBaseUs: number | undefined;
}

function evt2Events(source: ByteSource, reading: Evt2Reading): ReadEvents {
  const { start, width, height } = reading;
  return async function* (log, mark) {
    await using file = await source.open();
    const events = new EventCollector();
    const clock = reading.clock.copy();
    let hasTime = reading.timeBaseUs !== undefined;
    let timeBaseUs = reading.timeBaseUs ?? 0;
    for await (const { view, offset } of recordPieces(file, { start, recordBytes: wordBytes, log })) {
      for (let i = 0; i < view.byteLength; i += wordBytes) {
        const word = view.getUint32(i, true);
        const kind = word >>> 28;
        if (kind <= 1) {
          if (!hasTime) continue;
          const x = (word >>> 11) & 0x7ff;
          const y = word & 0x7ff;
          if (x < width && y < height) events.push(timeBaseUs + ((word >>> 22) & 0x3f), x, y, kind);
          else log.outside(x, y, { at: offset + i, width, height });
        } else if (kind === 8) {
          hasTime = true;
          timeBaseUs = clock.next(word & 0x0fffffff) * 2 ** timeLowBits;
        } else if (kind !== 10 && kind !== 14 && kind !== 15) {
          skipReserved(log, { at: offset + i, kind });
        }
      }
      const rest = { start: offset + view.byteLength, timeBaseUs: hasTime ? timeBaseUs : undefined };
      mark?.(evt2Events(source, { ...reading, ...rest, clock: clock.copy() }));
      yield events.take();
    }
  };
}

// Apart, as a closure in the loop would cost every word an allocation.
function skipReserved(log: SkipLog, { at, kind }: { readonly at: number; readonly kind: number }): void {
  const expected = "an EVT 2.0 word (type 0, 1, 8, 10, 14 or 15)";
  log.skip("reserved-word", () => ({ at, expected, received: `type ${kind}` }));
}
