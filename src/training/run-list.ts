/** The runs under a folder, to look at and to choose from by number. */
import { existsSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { OptionError, SnnsegError } from "../errors.js";
import { readMetrics } from "./metrics-log.js";
import type { MetricsRecord } from "./records.js";
import { RunFolder, type RunRecord, readRunRecord, runsFolder } from "./run-folder.js";

/** A run in short. */
export type RunSummary = {
  /** From 1, in the order of their beginning. */
  readonly number: number;
  /** The run's folder, absolute. */
  readonly path: string;
  /** When it began, as ISO 8601 in UTC. */
  readonly created: string;
  /** Options that mean something in it; none where they cannot be read. */
  readonly options: RunRecord["options"];
  /** Epochs done. */
  readonly epochs: number;
  /** Of all evaluations; `null` before the first. */
  readonly bestMeanIoU: number | null;
  /** What is wrong with the run's files, of which the figures here say nothing then. */
  readonly problem?: string;
};

/**
 * All runs directly under a folder, oldest first, damaged ones too; none where there is no such folder.
 *
 * @param folder - default `runs`, relative to where the process works
 */
export async function listRuns(folder: string = runsFolder): Promise<RunSummary[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  const runs = names.map((name) => new RunFolder(join(folder, name))).filter((run) => run.hasRun);
  const summaries = await Promise.all(runs.map(summaryOf));
  summaries.sort((a, b) => a.created.localeCompare(b.created) || a.path.localeCompare(b.path));
  return summaries.map((summary, i) => ({ number: i + 1, ...summary }));
}

async function summaryOf(folder: RunFolder): Promise<Omit<RunSummary, "number">> {
  const about = { path: folder.path, epochs: 0, bestMeanIoU: null };
  let record: Pick<RunRecord, "created" | "options">;
  try {
    record = await readRunRecord(folder);
  } catch (error) {
    // It was written when the run began, so the run keeps its place in the list.
    const created = (await stat(folder.config)).mtime.toISOString();
    return { ...about, created, options: {}, problem: problemOf(error) };
  }
  const { created, options } = record;
  let records: MetricsRecord[];
  try {
    records = await readMetrics(folder.metrics);
  } catch (error) {
    return { ...about, created, options, problem: problemOf(error) };
  }
  const scores = records.flatMap((record) => (record.kind === "evaluation" ? [record.meanIoU] : []));
  return {
    ...about,
    created,
    options,
    epochs: records.filter((record) => record.kind === "epoch").length,
    bestMeanIoU: scores.length === 0 ? null : Math.max(...scores),
  };
}

function problemOf(error: unknown): string {
  if (error instanceof SnnsegError) return error.message;
  throw error;
}

/**
 * What a user means by a run: a path, or where no such path exists the number of a run in the list.
 *
 * @param word - a number counts in the list of the folder `runs`
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
