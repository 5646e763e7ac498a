/** What a run's log has told so far, in memory that does not grow with it. */
import type { EpochLine, EvaluationLine, RunLine } from "./run-line.js";
import { ThinnedSeries } from "./thinned-series.js";

/** A point of the scores' curve. */
export type EvaluationPoint = Pick<EvaluationLine, "epoch" | "loss" | "meanIoU" | "pixelAccuracy">;

/** Epochs whose median time says how long the next ones take: one that waited for other programs says little. */
const timedEpochs = 5;

/** Curves of a run, its best and its latest evaluation. */
export class RunProgress {
  readonly #epochs = new ThinnedSeries<EpochLine>();
  readonly #evaluations = new ThinnedSeries<EvaluationPoint>();
  #recentSeconds: readonly number[] = [];
  #latest: EvaluationLine | null = null;
  #best: EvaluationLine | null = null;

  /** Epochs done: the number of the newest one, 0 before the first. */
  get epochsDone(): number {
    return this.epochs.at(-1)?.epoch ?? 0;
  }
  /** All, or evenly chosen ones and the newest. */
  get epochs(): readonly EpochLine[] {
    return this.#epochs.items;
  }
  /** All, or evenly chosen ones and the newest. */
  get evaluations(): readonly EvaluationPoint[] {
    return this.#evaluations.items;
  }
  /** The newest evaluation; `null` before the first. */
  get latest(): EvaluationLine | null {
    return this.#latest;
  }
  /** The evaluation of the highest mean IoU, the first of equals; `null` before the first. */
  get best(): EvaluationLine | null {
    return this.#best;
  }

  /** Takes in the next line. */
  add(line: RunLine): void {
    if (line.kind === "epoch") {
      this.#epochs.push(line);
      const { seconds } = line.time;
      if (seconds !== null) this.#recentSeconds = [...this.#recentSeconds, seconds].slice(-timedEpochs);
      return;
    }
    const { epoch, loss, meanIoU, pixelAccuracy } = line;
    this.#evaluations.push({ epoch, loss, meanIoU, pixelAccuracy });
    this.#latest = line;
    if (this.#best === null || meanIoU > this.#best.meanIoU) this.#best = line;
  }

  /**
   * Seconds from the newest line to the end of training: the median of the last five epochs for each that is left, and the
   * time of the last evaluation for each evaluation that is left.
   *
   * @returns `null` before the first epoch, or where the log has no times
   */
  secondsLeft({ epochs, evalEvery }: { readonly epochs: number; readonly evalEvery: number }): number | null {
    const timed = this.#recentSeconds.toSorted((a, b) => a - b);
    const median = timed[Math.floor(timed.length / 2)];
    if (median === undefined) return null;
    const done = this.epochsDone;
    const training = median * (epochs - done);
    const evaluated = this.#latest?.epoch ?? 0;
    const due = Math.ceil(epochs / evalEvery) - Math.floor(evaluated / evalEvery);
    return Math.max(0, training + due * (this.#latest?.time.seconds ?? 0));
  }
}
