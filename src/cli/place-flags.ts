/** The flags of commands that open a checkpoint. */
import type { ConfigKey } from "../config/index.js";

/** Options that say where data and machine are; everything else is the checkpoint's. */
export const placeFlags = [
  ...(["root", "classes", "evalList", "mnist", "cifar10", "frameCache"] as const),
  ...(["evalBatchSize", "limitBatches", "seed", "threads", "workers", "device", "cacheMb"] as const),
] satisfies readonly ConfigKey[];
