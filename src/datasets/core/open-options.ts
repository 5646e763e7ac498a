/** What is done to examples on top of their data set's own preparation. */
import type { Augmentation } from "../prepare/augmentation.js";
import type { Noise } from "../prepare/noise.js";
import type { RecordStore } from "./record.js";

export interface OpenOptions {
  /** For training. */
  readonly augment?: Augmentation;
  /** For tests of robustness; not together with `augment`. */
  readonly noise?: Noise;
  /** Where prepared records are kept. @internal */
  readonly cache?: RecordStore;
}
