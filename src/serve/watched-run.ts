/** One run that is watched: what its files said when they were last looked at. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type RunFolder, type RunRecord, readRunRecord, readTrainedMeta } from "../training/index.js";
import type { HeldLocks } from "./held-locks.js";
import { problemOf } from "./problem-of.js";
import { RunLog } from "./run-log.js";
import { optionRows, shownOptions } from "./run-options.js";
import type { RunDetail, RunOverview } from "./run-overview.js";
import { type RunPicture, runPictures } from "./run-pictures.js";
import { type RunState, runStateOf } from "./run-state.js";

/** The name of a run in addresses: short, and of nothing that a path could be made from. */
export function runIdOf(folder: RunFolder): string {
  return createHash("sha256").update(folder.path).digest("hex").slice(0, 16);
}

/** Looks at a run's files again and again, and reads only what is new in them. */
export class WatchedRun {
  readonly id: string;
  readonly folder: RunFolder;
  readonly #log: RunLog;
  #record: RunRecord | undefined;
  #recordStamp = "";
  #recordProblem: string | null = null;
  #classes: readonly string[] | null = null;
  #classesStamp = "";
  #checkpoint: string | undefined;
  #pictures: readonly RunPicture[] = [];
  #hasReport = false;
  #state: RunState = "stopped";
  /** Never one that an earlier server gave another state of the run. */
  #version = Date.now();
  #seen = "";

  constructor(folder: RunFolder) {
    this.id = runIdOf(folder);
    this.folder = folder;
    this.#log = new RunLog(folder.metrics);
  }

  /** The checkpoint to ask, the best if there is one. */
  get checkpoint(): string | undefined {
    return this.#checkpoint;
  }

  /** The pictures that were there. */
  get pictures(): readonly RunPicture[] {
    return this.#pictures;
  }

  /**
   * Looks at the files.
   *
   * @param held - of {@link heldLocks}
   * @returns what became of the run since the last look
   */
  async look(held: HeldLocks): Promise<"same" | "changed" | "gone"> {
    const about = await stat(this.folder.config).catch(() => undefined);
    if (!about?.isFile()) return "gone";
    await this.#readRecord(`${about.ino} ${about.mtimeMs} ${about.size}`);
    await this.#log.read();
    this.#checkpoint = [this.folder.best, this.folder.last].find(existsSync);
    await this.#readClasses();
    this.#pictures = await runPictures(dirname(this.folder.picture("any")));
    this.#hasReport = existsSync(this.folder.report);
    const { changedMs, lines, progress, problem } = this.#log;
    const { epochs } = shownOptions(this.#record);
    const complete = epochs !== null && progress.epochsDone >= epochs;
    this.#state = await runStateOf(this.folder, { changedMs, complete }, held);
    const seen = JSON.stringify([
      ...[this.#recordStamp, this.#recordProblem, problem, lines, changedMs],
      ...[this.#pictures, this.#hasReport, this.#classes, this.#state, this.#checkpoint],
    ]);
    if (seen === this.#seen) return "same";
    this.#seen = seen;
    this.#version += 1;
    return "changed";
  }

  /** What the list shows. */
  overview(): RunOverview {
    const { model, arch, dataset, timesteps, epochs } = shownOptions(this.#record);
    const { progress, problem } = this.#log;
    const { best } = progress;
    return {
      ...{ id: this.id, version: this.#version, name: basename(this.folder.path), path: this.folder.path },
      ...{ created: this.#record?.created ?? "", preset: this.#record?.preset ?? null },
      ...{ state: this.#state, problem: this.#recordProblem ?? problem },
      ...{ model, arch, dataset, timesteps, epochsDone: progress.epochsDone, epochs },
      ...{ endsAtMs: this.#endsAtMs(), best: best && { meanIoU: best.meanIoU, epoch: best.epoch } },
      hasCheckpoint: this.#checkpoint !== undefined,
    };
  }

  /** What the run's own page shows. */
  detail(): RunDetail {
    const { epochs, evaluations, latest } = this.#log.progress;
    return {
      ...this.overview(),
      ...{ classes: this.#classes, epochLines: epochs, evaluations, latest },
      ...{ pictures: this.#pictures, hasReport: this.#hasReport },
      ...{ options: optionRows(this.#record), environment: this.#record?.environment ?? {} },
    };
  }

  #endsAtMs(): number | null {
    const { epochs, evalEvery } = shownOptions(this.#record);
    if (this.#state !== "running" || epochs === null || evalEvery === null) return null;
    const left = this.#log.progress.secondsLeft({ epochs, evalEvery });
    return left === null ? null : Math.round(this.#log.changedMs + 1000 * left);
  }

  async #readRecord(stamp: string): Promise<void> {
    if (stamp === this.#recordStamp) return;
    this.#recordStamp = stamp;
    this.#record = undefined;
    this.#recordProblem = await problemOf(async () => {
      this.#record = await readRunRecord(this.folder);
    });
  }

  /** A run's checkpoints know what its classes are called: asked again when a newer one may be there. */
  async #readClasses(): Promise<void> {
    const file = this.#checkpoint;
    const stamp = `${file} ${this.#log.lines}`;
    if (file === undefined || stamp === this.#classesStamp) return;
    this.#classesStamp = stamp;
    this.#classes = await readTrainedMeta(file).then(
      ({ classes }) => classes,
      () => null,
    );
  }
}
