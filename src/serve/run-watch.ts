/** All runs that are watched. */
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RunFolder } from "../training/index.js";
import { Changes } from "./changes.js";
import { heldLocks } from "./held-locks.js";
import { runIdOf, WatchedRun } from "./watched-run.js";

/** What to watch: these runs, or all that are or come to be directly under a folder. */
export type Watched = { readonly runs: readonly string[] } | { readonly root: string };

/** Between the end of a look and the next. Files are asked, as network disks tell nobody of changes. */
const pauseMs = 500;

/** Looks at run folders while somebody wants to know, and tells what changed. The owner closes it. */
export class RunWatch {
  readonly #watched: Watched;
  readonly #runs = new Map<string, WatchedRun>();
  readonly #readers = new Set<Changes>();
  #current: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** The folder all of whose runs are watched, absolute; `null` if certain runs are. */
  get root(): string | null {
    return "root" in this.#watched ? resolve(this.#watched.root) : null;
  }

  /** The runs that were there at the last look, oldest first, as `snnseg runs` lists them. */
  get runs(): readonly WatchedRun[] {
    const runs = [...this.#runs.values()].map((run) => ({ run, ...run.overview() }));
    runs.sort((a, b) => a.created.localeCompare(b.created) || a.path.localeCompare(b.path));
    return runs.map(({ run }) => run);
  }

  /** The run of an id, if there is one. */
  find(id: string): WatchedRun | undefined {
    return this.#runs.get(id);
  }

  /** Looks at all files, after the look that is under way, which may have passed what changed just now; several calls share one. */
  look(): Promise<void> {
    this.#next ??= this.#current.then(() => {
      this.#next = undefined;
      this.#current = this.#lookAtAll();
      return this.#current;
    });
    return this.#next;
  }

  /** Begins to tell what changes, until the reader is closed by {@link RunWatch.forget}. */
  follow(): Changes {
    const reader = new Changes();
    this.#readers.add(reader);
    if (this.#timer === undefined) this.#lookSoon();
    return reader;
  }

  /** Ends a reader; nothing is looked at once the last one has gone. */
  forget(reader: Changes): void {
    this.#readers.delete(reader);
    reader.close();
  }

  /** Ends all readers. */
  close(): void {
    for (const reader of this.#readers) this.forget(reader);
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #lookSoon(): void {
    this.#timer = setTimeout(async () => {
      await this.look();
      this.#timer = undefined;
      if (this.#readers.size > 0) this.#lookSoon();
    }, pauseMs);
  }

  async #lookAtAll(): Promise<void> {
    const [folders, held] = await Promise.all([this.#folders(), heldLocks()]);
    for (const folder of folders) {
      const id = runIdOf(folder);
      if (folder.hasRun && !this.#runs.has(id)) this.#runs.set(id, new WatchedRun(folder));
    }
    for (const run of this.#runs.values()) {
      const news = await run.look(held);
      if (news === "same") continue;
      if (news === "gone") this.#runs.delete(run.id);
      for (const reader of this.#readers) reader.add(run.id);
    }
  }

  async #folders(): Promise<RunFolder[]> {
    const watched = this.#watched;
    if ("runs" in watched) return watched.runs.map((path) => new RunFolder(path));
    const names = await readdir(watched.root).catch(() => []);
    return names.map((name) => new RunFolder(join(watched.root, name)));
  }
}
