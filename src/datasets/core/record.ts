/** What a data set reads from the disk or draws once: a picture, a composition, or one frame of events. */
import type { LabelMap, Planes, RgbImage } from "../../images/web.js";

/** A record at the network's size. */
export interface PreparedRecord {
  /** `[C, H, W]`. */
  readonly values: Float32Array;
  /** `[H, W]`. */
  readonly label: Uint8Array;
}

/** A record before it is brought to the network's size. */
export interface StoredRecord {
  readonly values: Planes;
  readonly labels: LabelMap;
}

/** Keeps prepared records by their number. */
export interface RecordStore {
  /** A record, or `undefined` where it is not kept; its arrays are not to be written to. */
  get(record: number): PreparedRecord | undefined;
  set(record: number, prepared: PreparedRecord): void;
}

/** A picture and its classes as decoded, at their own size. */
export interface DecodedPicture {
  readonly picture: RgbImage;
  readonly labels: LabelMap;
}

/** Keeps decoded pictures by their record's number. */
export interface PictureStore {
  /** A picture, or `undefined` where it is not kept; its arrays are not to be written to. */
  get(record: number): DecodedPicture | undefined;
  set(record: number, decoded: DecodedPicture): void;
}
