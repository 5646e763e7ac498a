/** A training run as lines and a progress bar. */
import {
  type EpochRecord,
  type EvaluationRecord,
  evaluationWarnings,
  type Scored,
  type TrainingObserver,
} from "../../training/index.js";
import { formatDuration, formatShare } from "../lines/format.js";
import type { Progress } from "../terminal/progress.js";
import type { Terminal } from "../terminal/terminal.js";

/** Shows a run on a terminal. Losses in the bar are means over the epoch so far in this process. */
export class TrainingLines implements TrainingObserver {
  readonly #terminal: Terminal;
  readonly #epochs: number;
  readonly #scored: Scored;
  #trainRates: EpochRecord["rates"] = {};
  #progress: Progress | undefined;
  #loss = { sum: 0, images: 0 };

  constructor(terminal: Terminal, { epochs, ...scored }: Scored & { readonly epochs: number }) {
    this.#terminal = terminal;
    this.#epochs = epochs;
    this.#scored = scored;
  }

  epochStarted(epoch: number, { steps, done }: { readonly steps: number; readonly done: number }): void {
    this.#loss = { sum: 0, images: 0 };
    const after = (this.#epochs - epoch) * steps;
    this.#begin(`epoch ${epoch}/${this.#epochs}`, { total: steps, done, after });
  }

  spikingBegan(epoch: number): void {
    this.#terminal.note(
      `from epoch ${epoch} on neurons spike; thresholds come from the ReLUs' activations, and the scores so far were those of ReLUs`,
    );
  }

  stepDone({ loss, learnt, images }: Parameters<NonNullable<TrainingObserver["stepDone"]>>[0]): void {
    if (learnt) {
      this.#loss.sum += loss * images;
      this.#loss.images += images;
    }
    const { sum, images: counted } = this.#loss;
    this.#progress?.step(images, counted === 0 ? "" : `loss ${(sum / counted).toFixed(4)}`);
  }

  epochDone({ epoch, loss, lr, rates, silentLayers, time }: EpochRecord): void {
    this.#end();
    this.#trainRates = rates;
    const figures = [
      `epoch ${epoch}/${this.#epochs}`,
      `loss ${loss.toFixed(4)}`,
      `lr ${Number(lr.toPrecision(3))}`,
      formatDuration(time.seconds),
      `${time.imagesPerSecond.toFixed(1)} images/s`,
      `waited ${(100 * time.waitingShare).toFixed(0)} % for data`,
    ];
    this.#terminal.note(figures.join(" · "));
    if (silentLayers.length > 0) {
      this.#terminal.warn(
        `no neuron of ${silentLayers.join(", ")} fired in epoch ${epoch}, so nothing behind it can learn; ` +
          "lower --threshold, raise --leak or --timesteps, or keep batch norm on",
      );
    }
  }

  evaluationStarted(_epoch: number, { steps }: { readonly steps: number }): void {
    this.#begin("evaluate", { total: steps, done: 0, after: 0 });
  }

  batchEvaluated(images: number): void {
    this.#progress?.step(images, "");
  }

  evaluated(record: EvaluationRecord, isBest: boolean): void {
    this.#end();
    const { split, meanIoU, pixelAccuracy, baselineMeanIoU, loss } = record;
    const figures = [
      `  ${split}: mean IoU ${formatShare(meanIoU)} (baseline ${formatShare(baselineMeanIoU)})`,
      `pixel accuracy ${formatShare(pixelAccuracy)}`,
      `loss ${loss.toFixed(4)}`,
    ];
    this.#terminal.note(`${figures.join(" · ")}${isBest ? " · best so far" : ""}`);
    const known = { ...this.#scored, trainRates: this.#trainRates };
    for (const warning of evaluationWarnings(record, known)) this.#terminal.warn(warning);
  }

  #begin(label: string, { total, done, after }: { total: number; done: number; after: number }): void {
    this.#progress = this.#terminal.stage({ label, total, unit: "images", after }, { done });
  }

  #end(): void {
    this.#progress?.end();
    this.#progress = undefined;
  }
}
