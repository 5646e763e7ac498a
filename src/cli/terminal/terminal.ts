/**
 * Where a command's words go.
 *
 * Results for people go to standard output, or to standard error with `--json`, so that standard output then holds
 * nothing but one JSON object on its last line. Warnings and errors always go to standard error.
 */
import type { Listener } from "../../runs/index.js";
import { Progress, type ProgressPlan } from "./progress.js";
import type { TextStream } from "./text-stream.js";
import { visible } from "./visible.js";

export type OutputMode = { readonly json: boolean; readonly quiet: boolean };

/** The voice of a command, and of the library's long pieces of work. */
export class Terminal implements Listener {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #out: TextStream;
  readonly #err: TextStream;

  constructor(streams: { readonly out: TextStream; readonly err: TextStream }, mode: OutputMode) {
    this.#out = streams.out;
    this.#err = streams.err;
    this.json = mode.json;
    this.quiet = mode.quiet;
  }

  /** The stream of results for people. */
  get human(): TextStream {
    return this.json ? this.#err : this.#out;
  }

  /** A line of the result. */
  print(line = ""): void {
    this.human.write(`${visible(line)}\n`);
  }

  /** A line about what is going on, left out with `--quiet`. */
  note(line: string): void {
    if (!this.quiet) this.print(line);
  }

  /** Something the user should know although the command goes on. */
  warn(line: string): void {
    this.#err.write(`warning: ${visible(line)}\n`);
  }

  /** How far a piece of work is, left out with `--quiet`. */
  stage(plan: ProgressPlan, before: { readonly done?: number } = {}): Progress {
    return new Progress(this.quiet ? undefined : this.human, plan, before);
  }

  /** With `--json`: the result as one line on standard output. Call once, last. */
  result(object: Readonly<Record<string, unknown>>): void {
    if (this.json) this.#out.write(`${JSON.stringify(object)}\n`);
  }
}
