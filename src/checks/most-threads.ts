/** How many threads a process can be asked for. */
import { availableParallelism } from "node:os";

/** More threads than this a process may fail to start, which ends it. */
export const mostThreads = Math.max(512, availableParallelism());
