/** What a one-page report of a run shows: plain data, filled by whoever has it. */
import type { Scores } from "../metrics/index.js";
import type { LineChart } from "./line-chart.js";

export type ReportOption = { readonly name: string; readonly value: string; readonly source: string };

/** Figures that are shown as they are: a name per row, then a text per column. */
export type ReportTable = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};

export type RunReport = {
  readonly title: string;
  /** One sentence on what was trained or converted on what. */
  readonly summary: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly charts: readonly LineChart[];
  readonly tables: readonly ReportTable[];
  readonly scores: Scores;
  /** Of the majority-class baseline: the training split's commonest class everywhere. */
  readonly baseline: Pick<Scores, "meanIoU" | "pixelAccuracy">;
  readonly classes: readonly string[];
  readonly colors: readonly (readonly [number, number, number])[];
  /** Spikes per neuron and example over all timesteps, by layer; empty for an ANN. */
  readonly rates: Readonly<Record<string, number>>;
  readonly options: readonly ReportOption[];
  /** PNG files with their captions. */
  readonly pictures: readonly { readonly caption: string; readonly png: Uint8Array }[];
};
