/**
 * How far a long piece of work has come: one line redrawn on a terminal, else a plain line now and then.
 */
import type { Stage, StagePlan } from "../../runs/index.js";
import { formatDuration } from "../lines/format.js";
import type { TextStream } from "./text-stream.js";
import { visible } from "./visible.js";

const redrawMs = 100;
const plainLineMs = 10_000;
const barWidth = 24;

export type ProgressPlan = StagePlan & {
  /** Steps of the same kind that follow later and count for the remaining time. */
  readonly after?: number;
};

/** Counts steps, and items of work within them. */
export class Progress implements Stage {
  readonly #stream: TextStream | undefined;
  readonly #plan: ProgressPlan;
  readonly #now: () => number;
  readonly #start: number;
  #lastDrawn: number;
  #done = 0;
  #doneHere = 0;
  #items = 0;

  /**
   * @param stream - nothing is written without one
   * @param done - steps done before, by an earlier process
   */
  constructor(
    stream: TextStream | undefined,
    plan: ProgressPlan,
    { done = 0, now = Date.now }: { done?: number; now?: () => number } = {},
  ) {
    this.#stream = stream;
    this.#plan = plan;
    this.#now = now;
    this.#start = now();
    this.#lastDrawn = this.#start;
    this.#done = done;
  }

  /** One step of `items` units done; `detail` is shown behind, such as the loss. */
  step(items: number, detail: string): void {
    this.#advance({ steps: 1, items, detail });
  }

  /** Items done, where each of them is a step. */
  itemsDone(items: number): void {
    this.#advance({ steps: items, items, detail: "" });
  }

  /** Removes the bar, so that a result line can take its place. */
  end(): void {
    if (this.#stream?.isTTY) this.#stream.write("\r\x1b[2K");
  }

  #advance({
    steps,
    items,
    detail,
  }: {
    readonly steps: number;
    readonly items: number;
    readonly detail: string;
  }): void {
    this.#done += steps;
    this.#doneHere += steps;
    this.#items += items;
    const stream = this.#stream;
    const now = this.#now();
    if (stream === undefined || now - this.#lastDrawn < (stream.isTTY ? redrawMs : plainLineMs)) return;
    this.#lastDrawn = now;
    const seconds = (now - this.#start) / 1000;
    const line = visible(this.#line(detail, { seconds, drawn: stream.isTTY === true }));
    stream.write(stream.isTTY ? `\r\x1b[2K${line.slice(0, (stream.columns ?? 80) - 1)}` : `${line}\n`);
  }

  /** @param drawn - with a bar */
  #line(detail: string, { seconds, drawn }: { readonly seconds: number; readonly drawn: boolean }): string {
    const { label, total, unit, after = 0 } = this.#plan;
    const rate = seconds > 0 ? this.#items / seconds : 0;
    const left = this.#doneHere > 0 ? (seconds / this.#doneHere) * (total - this.#done + after) : 0;
    const filled = Math.round(barWidth * Math.min(1, this.#done / Math.max(1, total)));
    const bar = drawn ? ` ${"█".repeat(filled)}${"░".repeat(barWidth - filled)}` : "";
    const figures = [
      `${this.#done}/${total}`,
      detail,
      `${rate.toFixed(1)} ${unit}/s`,
      `ETA ${formatDuration(left)}`,
    ];
    return `${label}${bar} ${figures.filter((figure) => figure !== "").join(" · ")}`;
  }
}
