/**
 * Packets of the camera software cAER, of which AEDAT 3.1 and the recordings of DDD17 consist: a header of 28 bytes,
 * then the events.
 *
 * Header, little endian: int16 type, int16 source, int32 event size, time offset, time overflow, capacity, number,
 * valid. Polarity packets (type 1) hold 8 bytes an event: a uint32 with valid in bit 0, polarity in bit 1, y in bits
 * 2 to 16 and x in bits 17 to 31, and 31 bits of microseconds, which the overflow counter continues.
 *
 * @see iniVation, "AEDAT file formats", AEDAT 3.1
 */
import type { EventCollector } from "./event-batch.js";
import type { SensorSize } from "./event-reader.js";
import type { SkipLog } from "./skipped-events.js";

export const caerHeaderBytes = 28;

const polarityPacket = 1;
const eventBytes = 8;

/** A packet's header and payload, and what it is called in messages. */
export interface CaerPacket extends SensorSize {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly at: () => string;
  readonly log: SkipLog;
}

/** The bytes of payload that a header states, in an AEDAT 3.1 file. */
export function statedPayloadBytes(header: Uint8Array): number {
  const head = new DataView(header.buffer, header.byteOffset, caerHeaderBytes);
  return head.getInt32(4, true) * head.getInt32(20, true);
}

/** Adds the valid events of a polarity packet; other packets hold none. */
export function addCaerEvents(
  events: EventCollector,
  { header, payload, at, log, width, height }: CaerPacket,
): void {
  const head = new DataView(header.buffer, header.byteOffset, caerHeaderBytes);
  if (head.getInt16(0, true) !== polarityPacket) return;
  const size = head.getInt32(4, true);
  const overflowUs = head.getInt32(12, true) * 2 ** 31;
  const count = head.getInt32(20, true);
  if (size !== eventBytes || count < 0 || count * eventBytes > payload.length || overflowUs < 0) {
    log.skip("damaged-packet", () => ({
      at: at(),
      expected: `at most ${Math.floor(payload.length / eventBytes)} events of 8 bytes`,
      received: `${count} events of ${size} bytes, time overflow ${overflowUs / 2 ** 31}`,
    }));
    return;
  }
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  for (let i = 0; i < count * eventBytes; i += eventBytes) {
    const data = view.getUint32(i, true);
    if ((data & 1) === 0) continue;
    const x = data >>> 17;
    const y = (data >>> 2) & 0x7fff;
    if (x < width && y < height) {
      events.push(overflowUs + (view.getUint32(i + 4, true) & 0x7fffffff), x, y, (data >>> 1) & 1);
    } else {
      skipOutside(log, { x, y, width, height, packet: at, number: i / eventBytes });
    }
  }
}

interface Outside extends SensorSize {
  readonly x: number;
  readonly y: number;
  readonly packet: () => string;
  readonly number: number;
}

// Apart, as a closure in the loop would cost every event an allocation.
function skipOutside(log: SkipLog, { x, y, packet, number, ...size }: Outside): void {
  log.outside(x, y, { at: () => `${packet()}, event ${number}`, ...size });
}
