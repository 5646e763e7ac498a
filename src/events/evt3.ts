/**
 * Prophesee EVT 3.0 raw: a text header, then 16-bit little-endian words that change a decoder state (row, column,
 * time) and emit events, one a word or up to 12 along a row.
 *
 * The time has 24 bits (EVT_TIME_HIGH and EVT_TIME_LOW, 12 bits each) and wraps every 16.8 s; the wraps are
 * counted. Triggers and vendor words are skipped; events before the first EVT_TIME_HIGH have no time and are too.
 *
 * @see Prophesee, "EVT 3.0 Format", Metavision documentation
 */
import { ByteFile } from "./byte-file.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import type { EventReader } from "./event-reader.js";
import { checkPixel, formatError } from "./format-error.js";
import { readPropheseeHeader } from "./prophesee-header.js";

const wordBytes = 2;
const timeHighValues = 4096;

/** @throws DataFormatError if the header does not say EVT 3.0; FileError */
export async function openEvt3(path: string): Promise<EventReader> {
  await using file = await ByteFile.open(path);
  const { fields, evt, width, height, end } = await readPropheseeHeader(file);
  if (evt !== "3.0") {
    throw formatError({ path, at: 0, expected: "a header with evt 3.0", received: `evt ${evt}` });
  }
  const reader = { path, format: "evt3", width, height, declaredEvents: undefined, header: fields } as const;
  return { ...reader, batches: () => evt3Batches(path, { start: end, width, height }) };
}

interface Evt3Layout {
  readonly start: number;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

async function* evt3Batches(path: string, { start, width, height }: Evt3Layout): AsyncGenerator<EventBatch> {
  await using file = await ByteFile.open(path);
  const events = new EventCollector();
  const state = { y: 0, x: 0, polarity: 0, high: -1, low: 0, wraps: 0 };
  for await (const { bytes, offset } of file.records(start, wordBytes)) {
    for (let i = 0; i < bytes.length; i += wordBytes) {
      const word = bytes.readUInt16LE(i);
      const payload = word & 0xfff;
      const emit = (x: number, polarity: number) => {
        if (state.high < 0) return;
        checkPixel(x, state.y, { path, at: offset + i, width, height });
        const ticks = (state.wraps * timeHighValues + state.high) * 4096 + state.low;
        events.push(ticks, x, state.y, polarity);
      };
      switch (word >>> 12) {
        case 0x0:
          state.y = payload & 0x7ff;
          break;
        case 0x2:
          emit(payload & 0x7ff, payload >>> 11);
          break;
        case 0x3:
          state.x = payload & 0x7ff;
          state.polarity = payload >>> 11;
          break;
        case 0x4:
        case 0x5: {
          const count = word >>> 12 === 0x4 ? 12 : 8;
          for (let k = 0; k < count; k++) if ((payload >>> k) & 1) emit(state.x + k, state.polarity);
          state.x += count;
          break;
        }
        case 0x6:
          state.low = payload;
          break;
        case 0x8:
          if (state.high - payload > timeHighValues / 2) state.wraps++;
          // The low part starts again with each high part; until its word comes it counts as 0.
          if (payload !== state.high) state.low = 0;
          state.high = payload;
          break;
        case 0x7:
        case 0xa:
        case 0xe:
        case 0xf:
          break;
        default:
          throw formatError({
            path,
            at: offset + i,
            expected: "an EVT 3.0 word",
            received: `the reserved type ${word >>> 12}`,
          });
      }
    }
    yield events.take();
  }
}
