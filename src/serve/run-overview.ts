/** What the page is told about a run. */
import type { EpochLine, EvaluationLine } from "./run-line.js";
import type { RunPicture } from "./run-pictures.js";
import type { EvaluationPoint } from "./run-progress.js";
import type { RunState } from "./run-state.js";

/** A run in the list. */
export type RunOverview = {
  /** Names the run in addresses; says nothing about where it lies. */
  readonly id: string;
  /** Grows with everything that changes. */
  readonly version: number;
  /** Of its folder. */
  readonly name: string;
  /** The folder, absolute. */
  readonly path: string;
  /** When it began, as ISO 8601 in UTC; empty if its record cannot be read. */
  readonly created: string;
  readonly state: RunState;
  /** What is wrong with its files. */
  readonly problem: string | null;
  readonly preset: string | null;
  readonly model: string | null;
  readonly arch: string | null;
  readonly dataset: string | null;
  /** Of a spiking network. */
  readonly timesteps: number | null;
  readonly epochsDone: number;
  readonly epochs: number | null;
  /** When training will be done at its present pace, in milliseconds since 1970, while it runs. */
  readonly endsAtMs: number | null;
  readonly best: { readonly meanIoU: number; readonly epoch: number } | null;
  /** Whether it has saved a network, which can be tried live. */
  readonly hasCheckpoint: boolean;
};

/** Everything about a run. */
export type RunDetail = RunOverview & {
  /** Names of the classes; `null` before its first checkpoint. */
  readonly classes: readonly string[] | null;
  readonly epochLines: readonly EpochLine[];
  readonly evaluations: readonly EvaluationPoint[];
  readonly latest: EvaluationLine | null;
  readonly pictures: readonly RunPicture[];
  readonly hasReport: boolean;
  /** Name, value and source of every option in force. */
  readonly options: readonly (readonly [name: string, value: string, source: string])[];
  readonly environment: Readonly<Record<string, string | number>>;
};
