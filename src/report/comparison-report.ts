/** What the report of several runs shows: plain data, the schema that `viewer/` reads. */
import type { CalibrationBin, Interval, IoUIntervals } from "../metrics/index.js";

/** One run, analysed on one split. */
export interface ComparedRun {
  readonly name: string;
  readonly split: string;
  readonly examples: number;
  readonly scores: {
    readonly meanIoU: number;
    readonly pixelAccuracy: number;
    readonly meanAccuracy: number;
    readonly frequencyWeightedIoU: number;
    readonly baselineMeanIoU: number;
    readonly perClassIoU: readonly (number | null)[];
  };
  readonly quality: {
    readonly intervals: IoUIntervals;
    readonly boundaryIoU: number;
    readonly calibrationError: number;
    readonly calibration: readonly CalibrationBin[];
  };
  /** Rows: true class, columns: predicted. */
  readonly confusion: readonly (readonly number[])[];
  readonly epochs: readonly { readonly epoch: number; readonly loss: number; readonly lr: number }[];
  readonly evaluations: readonly {
    readonly epoch: number;
    readonly loss: number;
    readonly meanIoU: number;
  }[];
  readonly spikes: ComparedSpikes | null;
  readonly anytime: {
    readonly meanIoU: readonly number[];
    readonly exits: readonly {
      readonly confidence: number;
      readonly meanIoU: number;
      readonly meanTimesteps: number;
    }[];
  } | null;
  readonly energy: ComparedEnergy;
  readonly robustness: { readonly curves: readonly ComparedCurve[] } | null;
  readonly options: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, string>>;
}

export interface ComparedSpikes {
  /** Spikes per neuron and timestep. */
  readonly meanRate: number;
  /** Share of input values other than 0, per timestep. */
  readonly inputActivity: number;
  readonly totals: {
    readonly totalAverage: number;
    readonly totalNeurons: number;
    readonly totalRate: number;
  };
  readonly layers: readonly {
    readonly name: string;
    readonly neurons: number;
    readonly averageSpikes: number;
    readonly rate: number;
    readonly perTimestep: readonly number[];
    readonly silentShare: number;
    readonly saturatedShare: number;
    readonly deadShare: number;
    /** Shares of neurons by v/ϑ after the last timestep, in bins of {@link ComparedSpikes.membraneBins}. */
    readonly membranes: readonly number[];
  }[];
  /** In units of the threshold; the outer bins take the rest. */
  readonly membraneBins: { readonly from: number; readonly to: number; readonly count: number };
}

/** A spiking network's energies beside its twin's, or an ANN's own. */
export type ComparedEnergy =
  | {
      readonly processes: readonly ComparedProcess[];
      readonly chips: readonly {
        readonly name: string;
        readonly source: string;
        readonly pjPerSynapticOperation: number;
        readonly totalPj: number;
      }[];
      readonly layers: readonly {
        readonly name: string;
        readonly input: string;
        readonly events: number;
        readonly accumulates: number;
        readonly multiplyAccumulates: number;
        readonly shortcut: number;
        readonly denseMacs: number;
      }[];
      /** What is not a synapse: encoding, neurons, pooling … */
      readonly auxiliary: readonly {
        readonly name: string;
        readonly accumulates: number;
        readonly multiplyAccumulates: number;
        readonly draws: number;
      }[];
    }
  | { readonly process: string; readonly annPj: number };

/** All energy models with the constants of one process. */
export interface ComparedProcess {
  readonly process: string;
  readonly source: string;
  readonly meanRate: number;
  readonly shortcutPj: number;
  readonly rows: readonly {
    /** Stable name for programs. */
    readonly id: string;
    readonly model: string;
    readonly snn: { readonly totalPj: number };
    readonly ann: { readonly totalPj: number };
    readonly ratio: number;
    readonly breakEvenRate: number | null;
  }[];
}

export interface ComparedCurve {
  readonly kind: string;
  readonly unit: string;
  readonly relativeArea: number | null;
  readonly points: readonly {
    readonly strength: number;
    readonly meanIoU: number;
    readonly interval: Interval;
  }[];
}

/** One example with everybody's prediction; pictures are `data:` addresses. */
export interface ComparedExample {
  readonly id: string;
  /** Why it is shown, such as `best`. */
  readonly why: string;
  readonly input: string;
  readonly truth: string;
  /** One per run. */
  readonly predictions: readonly string[];
  /** Mean IoU of this image, one per run. */
  readonly scores: readonly number[];
}

export interface ComparisonReport {
  readonly format: "snnseg-report";
  readonly version: 1;
  readonly title: string;
  readonly summary: string;
  readonly classes: readonly string[];
  readonly runs: readonly ComparedRun[];
  readonly gallery: {
    readonly examples: readonly ComparedExample[];
    readonly legend: readonly { readonly name: string; readonly color: string }[];
  };
}
