/** The flags of commands that open a checkpoint. */
import type { ConfigKey } from "../../config/index.js";

/** Options that say where data and machine are; everything else is the checkpoint's. */
export const placeFlags = [
  ...(["root", "classes", "evalList", "mnist", "cifar10", "frameCache"] as const),
  ...(["evalBatchSize", "limitBatches", "seed", "threads", "workers", "device", "cacheMb"] as const),
] satisfies readonly ConfigKey[];

/** Of commands that run a network, which may have fewer timesteps than it was trained with, or others without batch norm. */
export const runFlags = [...placeFlags, "timesteps"] satisfies readonly ConfigKey[];
