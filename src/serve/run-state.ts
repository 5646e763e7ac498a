/** Whether a run is under way, as its files tell. */
import { stat } from "node:fs/promises";
import type { RunFolder } from "../training/index.js";
import type { HeldLocks } from "./held-locks.js";

/**
 * `running`: a process writes there. `finished`: its report is there. `stopped`: it ended before, by Ctrl-C or with an error.
 * `killed`: its process ended without a chance to clear up.
 */
export type RunState = "running" | "finished" | "stopped" | "killed";

/** How far its log tells that it came. */
export type Reached = {
  /** When the log last grew, in milliseconds since 1970. */
  readonly changedMs: number;
  /** All its epochs are done. */
  readonly complete: boolean;
};

/**
 * The state of a run. Where the system does not tell which files are locked, a lock that is there counts as held.
 *
 * A report older than the log is of an earlier end: the run was resumed since.
 */
export async function runStateOf(
  folder: RunFolder,
  { changedMs, complete }: Reached,
  held: HeldLocks,
): Promise<RunState> {
  const [lock, report] = await Promise.all([statOf(folder.lock), statOf(folder.report)]);
  if (lock !== undefined && (held === undefined || held.has(lock.ino))) return "running";
  if (report !== undefined && (complete || report.mtimeMs >= changedMs)) return "finished";
  return lock === undefined ? "stopped" : "killed";
}

function statOf(path: string) {
  return stat(path).catch(() => undefined);
}
