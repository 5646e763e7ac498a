/** The log of a run that may be under way. */
import { LogTail } from "./log-tail.js";
import { problemOf } from "./problem-of.js";
import { runLineOf } from "./run-line.js";
import { RunProgress } from "./run-progress.js";

/** Reads what is new in a run's `metrics.jsonl`, and keeps what it says. */
export class RunLog {
  readonly #path: string;
  readonly #tail: LogTail;
  #progress = new RunProgress();
  #lines = 0;
  #unreadable: string | null = null;
  #damage: string | null = null;

  /** @param path - of `metrics.jsonl`, which need not be there yet */
  constructor(path: string) {
    this.#path = path;
    this.#tail = new LogTail(path);
  }

  /** What its lines tell. */
  get progress(): RunProgress {
    return this.#progress;
  }
  /** Lines read, since the log last began anew. */
  get lines(): number {
    return this.#lines;
  }
  /** When it last grew, in milliseconds since 1970; 0 before it is there. */
  get changedMs(): number {
    return this.#tail.changedMs;
  }
  /** What is wrong with it. */
  get problem(): string | null {
    return this.#unreadable ?? this.#damage;
  }

  /** Reads what is new. A line that is none of a run's is passed over, and is a problem. */
  async read(): Promise<void> {
    const restarted = () => {
      this.#progress = new RunProgress();
      this.#lines = 0;
      this.#damage = null;
    };
    const line = (text: string) => {
      this.#lines += 1;
      const read = runLineOf(text);
      if (read !== undefined) this.#progress.add(read);
      else this.#damage ??= this.#wrongLine();
    };
    this.#unreadable = await problemOf(() => this.#tail.read({ restarted, line }));
  }

  #wrongLine(): string {
    return (
      `read ${this.#path}, line ${this.#lines}: expected an epoch or an evaluation as a JSON object, received something ` +
      "else; restore the file"
    );
  }
}
