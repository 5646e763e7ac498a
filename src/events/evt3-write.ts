/** Writing Prophesee EVT 3.0: what `openEvt3` reads, one word an event beside time and row. */
import { checkInteger } from "../checks/index.js";
import type { EventBatch } from "./event-batch.js";
import type { SensorSize } from "./event-reader.js";

/** Times beyond wrap around; readers go on counting. */
const timeBits = 12;
const lowest = 2 ** timeBits;

/** Words of 16 bits by their type. */
const [row, column, timeLow, timeHigh] = [0x0000, 0x2000, 0x6000, 0x8000];

/** Turns batches of events into a file's bytes, piece by piece. */
export class Evt3Writer {
  #low = -1;
  #high = -1;
  #y = -1;

  /**
   * The file's beginning.
   *
   * @param sensor - columns and rows, at most 2048 each
   * @throws OptionError if they are none
   */
  header({ width, height }: SensorSize): Uint8Array {
    for (const [name, side] of Object.entries({ width, height }))
      checkInteger("Evt3Writer", name, side, { most: 2048 });
    return new TextEncoder().encode(
      `% evt 3.0\n% format EVT3;height=${height};width=${width}\n% geometry ${width}x${height}\n% end\n`,
    );
  }

  /**
   * The words of the next events.
   *
   * @param batch - in the order of time, in whole microseconds; not changed
   */
  words({ timestampsUs, x, y, polarity, length }: EventBatch): Uint8Array {
    // At most four words an event.
    const bytes = new DataView(new ArrayBuffer(8 * length));
    let at = 0;
    const put = (word: number) => {
      bytes.setUint16(at, word, true);
      at += 2;
    };
    for (let i = 0; i < length; i++) {
      const low = timestampsUs[i]! % lowest;
      const high = Math.floor(timestampsUs[i]! / lowest) % lowest;
      if (high !== this.#high) put(timeHigh | high);
      if (low !== this.#low || high !== this.#high) put(timeLow | low);
      if (y[i] !== this.#y) put(row | y[i]!);
      put(column | (polarity[i]! << 11) | x[i]!);
      [this.#low, this.#high, this.#y] = [low, high, y[i]!];
    }
    return new Uint8Array(bytes.buffer, 0, at);
  }
}
