/** Opening recordings of the formats that are read byte by byte, from wherever their bytes lie. */
import { openAedat2 } from "./aedat2.js";
import { openAedat3 } from "./aedat3.js";
import { openAedat4 } from "./aedat4.js";
import type { ByteSource } from "./byte-file.js";
import { openDat } from "./dat.js";
import type { EventFile, EventFileOptions } from "./event-reader.js";
import { openEvt2 } from "./evt2.js";
import { openEvt3 } from "./evt3.js";
import { openNmnist } from "./nmnist.js";
import type { ByteFormat } from "./recognise-content.js";
import { openTextEvents } from "./text-events.js";

type Open = (source: ByteSource, options: EventFileOptions) => Promise<EventFile>;

/** What opens each of them. */
export const byteOpeners: Readonly<Record<ByteFormat, Open>> = {
  aedat2: openAedat2,
  aedat3: openAedat3,
  aedat4: openAedat4,
  dat: openDat,
  evt2: openEvt2,
  evt3: openEvt3,
  nmnist: openNmnist,
  text: openTextEvents,
};
