/** One run that is watched: what its files said when they were last looked at. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { SnnsegError } from "../errors.js";
import { type RunFolder, type RunRecord, readRunRecord, readTrainedMeta } from "../training/index.js";
import type { HeldLocks } from "./held-locks.js";
import { LogTail } from "./log-tail.js";
import { runLineOf } from "./run-line.js";
import type { RunDetail, RunOverview } from "./run-overview.js";
import { type RunPicture, runPictures } from "./run-pictures.js";
import { RunProgress } from "./run-progress.js";
import { type RunState, runStateOf } from "./run-state.js";

/** The name of a run in addresses: short, and of nothing that a path could be made from. */
export function runIdOf(folder: RunFolder): string {
  return createHash("sha256").update(folder.path).digest("hex").slice(0, 16);
}

/** Looks at a run's files again and again, and reads only what is new in them. */
export class WatchedRun {
  readonly id: string;
  readonly folder: RunFolder;
  readonly #log: LogTail;
  #record: RunRecord | undefined;
  #recordVersion = "";
  #progress = new RunProgress();
  #lines = 0;
  #pictures: readonly RunPicture[] = [];
  #classes: readonly string[] | null = null;
  #classesAskedAt = "";
  #state: RunState = "stopped";
  #recordProblem: string | null = null;
  #unreadable: string | null = null;
  #damage: string | null = null;
  #hasReport = false;
  #version = 0;
  #seen = "";

  constructor(folder: RunFolder) {
    this.id = runIdOf(folder);
    this.folder = folder;
    this.#log = new LogTail(folder.metrics);
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
    if (about === undefined) return "gone";
    await this.#readRecord(`${about.ino} ${about.mtimeMs} ${about.size}`);
    await this.#readLog();
    this.#pictures = await runPictures(dirname(this.folder.picture("any")));
    this.#hasReport = existsSync(this.folder.report);
    await this.#readClasses();
    this.#state = await runStateOf(
      this.folder,
      { changedMs: this.#log.changedMs, complete: this.#isComplete },
      held,
    );
    const seen = JSON.stringify([
      ...[this.#recordVersion, this.#problem, this.#lines, this.#log.changedMs],
      ...[this.#pictures, this.#hasReport, this.#classes, this.#state],
    ]);
    if (seen === this.#seen) return "same";
    this.#seen = seen;
    this.#version += 1;
    return "changed";
  }

  /** What the list shows. */
  overview(): RunOverview {
    const options = this.#record?.options ?? {};
    const { best, epochs, epochsDone } = this.#progress;
    return {
      ...{ id: this.id, version: this.#version, name: basename(this.folder.path), path: this.folder.path },
      ...{ created: this.#record?.created ?? "", state: this.#state, preset: this.#record?.preset ?? null },
      problem: this.#problem,
      ...{ model: textOf(options.model), arch: textOf(options.arch), dataset: textOf(options.dataset) },
      ...{ timesteps: numberOf(options.timesteps), epochsDone, epochs: numberOf(options.epochs) },
      ...{ endsAtMs: this.#endsAtMs(), loss: epochs.at(-1)?.loss ?? null },
      best: best && { meanIoU: best.meanIoU, epoch: best.epoch },
    };
  }

  /** What the run's own page shows. */
  detail(): RunDetail {
    const { epochs, evaluations, latest } = this.#progress;
    return {
      ...this.overview(),
      ...{ classes: this.#classes, epochLines: epochs, evaluations, latest },
      ...{ pictures: this.#pictures, hasReport: this.#hasReport },
      options: optionRows(this.#record),
      environment: this.#record?.environment ?? {},
    };
  }

  get #problem(): string | null {
    return this.#recordProblem ?? this.#unreadable ?? this.#damage;
  }

  get #isComplete(): boolean {
    const epochs = numberOf(this.#record?.options.epochs);
    return epochs !== null && this.#progress.epochsDone >= epochs;
  }

  #endsAtMs(): number | null {
    const epochs = numberOf(this.#record?.options.epochs);
    const evalEvery = numberOf(this.#record?.options.evalEvery);
    if (this.#state !== "running" || epochs === null || evalEvery === null) return null;
    const left = this.#progress.secondsLeft({ epochs, evalEvery });
    return left === null ? null : Math.round(this.#log.changedMs + 1000 * left);
  }

  async #readRecord(version: string): Promise<void> {
    if (version === this.#recordVersion) return;
    this.#recordVersion = version;
    this.#recordProblem = await problemOf(async () => {
      this.#record = undefined;
      this.#record = await readRunRecord(this.folder);
    });
  }

  async #readLog(): Promise<void> {
    const restarted = () => {
      this.#progress = new RunProgress();
      this.#lines = 0;
      this.#damage = null;
      this.#classes = null;
    };
    const line = (text: string) => {
      this.#lines += 1;
      const read = runLineOf(text);
      if (read !== undefined) this.#progress.add(read);
      else
        this.#damage ??= `${this.folder.metrics}, line ${this.#lines}: expected an epoch or an evaluation, received something else`;
    };
    this.#unreadable = await problemOf(() => this.#log.read({ restarted, line }));
  }

  /** A run's checkpoints know what its classes are called; a damaged one is asked again when a newer one may be there. */
  async #readClasses(): Promise<void> {
    if (this.#classes !== null) return;
    const file = [this.folder.best, this.folder.last].find(existsSync);
    const asked = `${file} ${this.#lines}`;
    if (file === undefined || asked === this.#classesAskedAt) return;
    this.#classesAskedAt = asked;
    this.#classes = await readTrainedMeta(file).then(
      ({ classes }) => classes,
      () => null,
    );
  }
}

async function problemOf(read: () => Promise<void>): Promise<string | null> {
  try {
    await read();
    return null;
  } catch (error) {
    if (error instanceof SnnsegError) return error.message;
    throw error;
  }
}

/** A record's options are read as they stand, not as any version of the program would have them. */
function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function optionRows(record: RunRecord | undefined): RunDetail["options"] {
  const sources: Readonly<Record<string, string>> = record?.sources ?? {};
  return Object.entries(record?.options ?? {}).flatMap(([name, value]) => {
    const text = Array.isArray(value) ? value.join(", ") : String(value ?? "");
    return text === "" ? [] : [[name, text, sources[name] ?? ""] as const];
  });
}
