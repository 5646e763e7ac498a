/** Values of the ranks' store, waited for while this process stays responsive. */
import { setTimeout as sleep } from "node:timers/promises";
import { getFromRanks } from "../engine/index.js";
import { RankError } from "../errors.js";

const askEveryMs = 20;

/**
 * Waits for a value that another rank writes.
 *
 * @returns `undefined` where none comes in time
 * @throws RankError if a rank says meanwhile why the training ends
 */
export async function valueFromRanks(key: string, waitMs: number): Promise<string | undefined> {
  const until = performance.now() + waitMs;
  for (;;) {
    const value = getFromRanks(key);
    if (value !== undefined) return value;
    const fault = getFromRanks("snnseg/fault");
    if (fault !== undefined) throw new RankError(fault);
    if (performance.now() >= until) return undefined;
    await sleep(askEveryMs);
  }
}
