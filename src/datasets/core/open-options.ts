/** What is done to examples on top of their data set's own preparation. */
import type { Augmentation } from "../prepare/augmentation.js";
import type { Noise } from "../prepare/noise.js";
import type { PictureStore, RecordStore } from "./record.js";

/** What is done to examples on top of their data set's own preparation. */
export interface OpenOptions {
  /** Random changes for training (default: none). */
  readonly augment?: Augmentation;
  /** Noise for tests of robustness, not together with `augment` (default: none). */
  readonly noise?: Noise;
  /** Where prepared records are kept. @internal */
  readonly cache?: RecordStore;
  /** Where decoded pictures are kept, of which `"scale-crop"` takes parts. @internal */
  readonly pictures?: PictureStore;
}
