/** What a loader tells its worker threads when they start. */
import type { DatasetSpec } from "../kinds/kinds.js";
import type { Augmentation } from "../prepare/augmentation.js";
import type { Noise } from "../prepare/noise.js";
import type { CacheSetup } from "./caches.js";

/** What a worker opens. */
export interface WorkerSetup {
  readonly spec: DatasetSpec;
  readonly split: string;
  readonly augment: Augmentation | undefined;
  readonly noise: Noise | undefined;
  readonly caches: CacheSetup;
}
