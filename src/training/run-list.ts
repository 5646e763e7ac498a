/** The runs under a folder, to look at and to choose from by number. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { OptionError } from "../errors.js";
import { readMetrics } from "./metrics-log.js";
import { RunFolder, type RunRecord, readRunRecord, runsFolder } from "./run-folder.js";

/** A run in short. */
export type RunSummary = {
  /** From 1, in the order of their beginning. */
  readonly number: number;
  readonly path: string;
  readonly created: string;
  readonly options: RunRecord["options"];
  /** Epochs done. */
  readonly epochs: number;
  /** Of all evaluations; `null` before the first. */
  readonly bestMeanIoU: number | null;
};

/** All runs directly under a folder, oldest first; none where there is no such folder. */
export async function listRuns(folder: string = runsFolder): Promise<RunSummary[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const runs = names.map((name) => new RunFolder(join(folder, name))).filter((run) => run.hasRun);
  const summaries = await Promise.all(runs.map(summaryOf));
  summaries.sort((a, b) => a.created.localeCompare(b.created) || a.path.localeCompare(b.path));
  return summaries.map((summary, i) => ({ number: i + 1, ...summary }));
}

async function summaryOf(folder: RunFolder): Promise<Omit<RunSummary, "number">> {
  const { created, options } = await readRunRecord(folder);
  const records = await readMetrics(folder.metrics);
  const scores = records.flatMap((record) => (record.kind === "evaluation" ? [record.meanIoU] : []));
  return {
    path: folder.path,
    created,
    options,
    epochs: records.filter((record) => record.kind === "epoch").length,
    bestMeanIoU: scores.length === 0 ? null : Math.max(...scores),
  };
}

/**
 * What a user means by a run: a path, or where no such path exists the number of a run in the list.
 *
 * @throws OptionError if the list has no such number
 */
export async function runPath(word: string): Promise<string> {
  if (!/^\d+$/.test(word) || existsSync(word)) return word;
  const runs = await listRuns();
  const run = runs.find(({ number }) => number === Number(word));
  if (run !== undefined) return run.path;
  throw new OptionError(
    `run ${word}: expected a run folder, a checkpoint, or a number from 1 to ${runs.length}; see snnseg runs`,
  );
}
