/**
 * DDD17 and DDD20 as recorded: HDF5 whose `dvs/data` holds one packet of the camera's software ({@link CaerPacket}) a
 * row: computer time (text), packet header, payload. Rows at the end may be empty.
 *
 * @see Binas, Neil, Liu & Delbruck 2017, "DDD17: End-To-End DAVIS Driving Dataset", arXiv:1711.01458
 */
import { addCaerEvents, caerHeaderBytes } from "./caer-packet.js";
import { type EventBatch, EventCollector } from "./event-batch.js";
import { type EventFile, type EventFileOptions, type SensorSize, sensorOf } from "./event-reader.js";
import { formatError } from "./format-error.js";
import { rowsLeft } from "./hdf5-cut.js";
import { type Hdf5Column, Hdf5File } from "./hdf5-file.js";
import type { SkipLog } from "./skipped-events.js";

/** The data set that marks such a file. */
export const ddd17Column = "dvs/data";

/** The DAVIS346B of all its recordings. */
const davis346: SensorSize = { width: 346, height: 260 };

/** Packets read at once; the frames among them take 180 kB each. */
const rowsAtOnce = 32;

/** @throws DataFormatError if `dvs/data` is missing or has other columns; FileError */
export async function openDdd17Events(path: string, options: EventFileOptions): Promise<EventFile> {
  await using file = await Hdf5File.open(path);
  const packets = await packetColumn(file);
  const header = { packets: `${packets.shape[0]}` };
  const sensor = sensorOf(path, davis346, options);
  const head = { path, format: "ddd17-hdf5", ...sensor, declaredEvents: undefined, header } as const;
  return { ...head, read: (log) => ddd17Events(path, log) };
}

async function packetColumn(file: Hdf5File): Promise<Hdf5Column> {
  const column = await file.column(ddd17Column);
  if (column?.shape.length === 2 && column.shape[1] === 3) return column;
  throw formatError({
    path: file.path,
    at: ddd17Column,
    expected: "rows of three columns",
    received: column ? `shape [${column.shape}]` : "no such data set",
  });
}

async function* ddd17Events(path: string, log: SkipLog): AsyncGenerator<EventBatch> {
  await using file = await Hdf5File.open(path);
  const column = await packetColumn(file);
  const stated = column.shape[0] ?? 0;
  const rows = file.isCut ? await rowsLeft(stated, (row) => column.bytes(row, row + 1)) : stated;
  const events = new EventCollector();
  for (let start = 0; start < rows; start += rowsAtOnce) {
    const cells = await column.bytes(start, Math.min(rows, start + rowsAtOnce));
    for (let i = 0; i < cells.length; i += 3) {
      const [header, payload] = [cells[i + 1]!, cells[i + 2]!];
      const at = () => `${ddd17Column}[${start + i / 3}]`;
      if (header.length === 0) continue;
      if (header.length === caerHeaderBytes) addCaerEvents(events, { header, payload, at, log, ...davis346 });
      else {
        log.skip("damaged-packet", () => ({
          at: at(),
          expected: `a packet header of ${caerHeaderBytes} bytes`,
          received: `${header.length} bytes`,
        }));
      }
    }
    if (events.length > 0) yield events.take();
  }
  if (rows < stated) {
    log.skip("cut-end", () => ({
      at: `${ddd17Column}[${rows}]`,
      expected: `${stated} packets`,
      received: `the end of a file that was cut off, ${stated - rows} packets missing`,
    }));
  }
}
