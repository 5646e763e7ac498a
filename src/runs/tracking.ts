/** A run's metrics in other tools' formats, as far as its options ask for them. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../files/index.js";
import { type CsvCell, csvOf, TrainingEvents } from "../tracking/index.js";
import {
  type MetricsRecord,
  readMetrics,
  type StartedRun,
  type TrainingObserver,
} from "../training/index.js";

/** What is written beside `metrics.jsonl`. The owner closes it. */
export class Tracking implements AsyncDisposable {
  readonly #run: StartedRun;
  readonly #events: TrainingEvents | undefined;

  private constructor(run: StartedRun, events: TrainingEvents | undefined) {
    this.#run = run;
    this.#events = events;
  }

  static async open(run: StartedRun): Promise<Tracking> {
    const { config, model, evalLoader } = run.experiment;
    if (!config.tensorboard) return new Tracking(run, undefined);
    const events = await TrainingEvents.create(join(run.folder.path, "tensorboard"), {
      classes: evalLoader.dataset.classes,
      weights: function* () {
        for (const [name, tensor] of model.parameters()) yield [name, tensor.toFloat32Array()] as const;
      },
    });
    return new Tracking(run, events);
  }

  /** An observer that also tells `observer`. */
  beside(observer: TrainingObserver): TrainingObserver {
    const events = this.#events;
    if (events === undefined) return observer;
    return {
      epochStarted: (epoch, plan) => observer.epochStarted?.(epoch, plan),
      spikingBegan: (epoch) => observer.spikingBegan?.(epoch),
      stepDone: (step) => observer.stepDone?.(step),
      epochDone: (record) => {
        events.epochDone(record);
        observer.epochDone?.(record);
      },
      evaluationStarted: (epoch, plan) => observer.evaluationStarted?.(epoch, plan),
      batchEvaluated: (images) => observer.batchEvaluated?.(images),
      evaluated: (record, isBest) => {
        events.evaluated(record);
        observer.evaluated?.(record, isBest);
      },
    };
  }

  /** Adds the run's picture. */
  async picture(path: string, epoch: number): Promise<void> {
    this.#events?.picture("examples", await readFile(path), epoch);
  }

  /** Waits for everything written, and writes the table where it is asked for. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#events?.close();
    const { folder, experiment } = this.#run;
    if (!experiment.config.csv) return;
    const { classes } = experiment.evalLoader.dataset;
    const rows = (await readMetrics(folder.metrics)).map((record) => metricsRow(record, classes));
    await writeFileAtomic(join(folder.path, "metrics.csv"), csvOf(rows));
  }
}

/** A metrics record as one row: lists by class and layer become columns. */
export function metricsRow(record: MetricsRecord, classes: readonly string[]): Record<string, CsvCell> {
  const row: Record<string, CsvCell> = {};
  for (const [key, value] of Object.entries(record)) {
    if (typeof value === "string" || typeof value === "number") row[key] = value;
  }
  if (record.kind === "evaluation") {
    for (const [k, iou] of record.perClassIoU.entries()) row[`IoU ${classes[k]}`] = iou;
  }
  for (const [layer, rate] of Object.entries(record.rates)) row[`rate ${layer}`] = rate;
  for (const [name, value] of Object.entries(record.time)) row[name] = value;
  return row;
}
