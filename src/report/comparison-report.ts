/** What the report of several runs shows: plain data, the schema that `viewer/` reads. */
import type { LayerStatistics, SpikeTotals } from "../activity/index.js";
import type { CalibrationBin, Interval, IoUDifference, IoUIntervals } from "../metrics/index.js";

/** One run, analysed on one split; scores are shares in [0, 1]. */
export interface ComparedRun {
  /** What the page calls it. */
  readonly name: string;
  /** The split that it was looked at on. */
  readonly split: string;
  /** Examples of the split that were scored. */
  readonly examples: number;
  /** Over all examples together, as `Scores` defines them. */
  readonly scores: {
    /** Mean over classes that occur in truth or prediction. */
    readonly meanIoU: number;
    /** Share of pixels that are right. */
    readonly pixelAccuracy: number;
    /** Mean over classes that occur in the truth. */
    readonly meanAccuracy: number;
    /** IoU weighted by the classes' pixels. */
    readonly frequencyWeightedIoU: number;
    /** Of always predicting the training split's commonest class. */
    readonly baselineMeanIoU: number;
    /** `null` where a class is neither true nor predicted. */
    readonly perClassIoU: readonly (number | null)[];
  };
  /** How sure the scores are, and other views on them. */
  readonly quality: {
    /** 95 % intervals over images. */
    readonly intervals: IoUIntervals;
    /** Mean IoU of the bands along edges. */
    readonly boundaryIoU: number;
    /** Expected calibration error. */
    readonly calibrationError: number;
    /** The reliability diagram, from unsure to sure. */
    readonly calibration: readonly CalibrationBin[];
  };
  /** To the first run of the report, on the same images; `null` of the first itself. */
  readonly difference: IoUDifference | null;
  /** Pixels: row i, true class; column j, predicted class. */
  readonly confusion: readonly (readonly number[])[];
  /** What training logged, an entry an epoch; none where the run folder is not there. */
  readonly epochs: readonly {
    /** From 1 on. */
    readonly epoch: number;
    /** Mean training loss. */
    readonly loss: number;
    /** Learning rate. */
    readonly lr: number;
  }[];
  /** Scores while training, an entry an evaluation; none where the run folder is not there. */
  readonly evaluations: readonly {
    /** After which epoch. */
    readonly epoch: number;
    /** Mean loss of the evaluated split. */
    readonly loss: number;
    /** Of the evaluated split. */
    readonly meanIoU: number;
  }[];
  /** `null` for an ANN. */
  readonly spikes: ComparedSpikes | null;
  /** Read-out before the last timestep; `null` for an ANN, or where it was not asked for. */
  readonly anytime: {
    /** When reading out after timestep 1, 2, … T. */
    readonly meanIoU: readonly number[];
    /** An image's timesteps end once the mean confidence of its pixels reaches a bound. */
    readonly exits: readonly {
      /** That bound. */
      readonly confidence: number;
      /** With these read-outs. */
      readonly meanIoU: number;
      /** Timesteps an image takes on average. */
      readonly meanTimesteps: number;
    }[];
  } | null;
  /** Of one example on average. */
  readonly energy: ComparedEnergy;
  /** What `snnseg robustness` found; `null` where it was not run. */
  readonly robustness: {
    /** One a kind of disturbance. */
    readonly curves: readonly ComparedCurve[];
  } | null;
  /** The run's options as text, by name. */
  readonly options: Readonly<Record<string, string>>;
  /** Checkpoint, network, data and environment as text, by name. */
  readonly facts: Readonly<Record<string, string>>;
}

/** Runs that were trained alike but for the seed. */
export interface SeedGroup {
  /** What their names have in common. */
  readonly name: string;
  /** Their places in the report's runs. */
  readonly runs: readonly number[];
  /** Mean over the runs. */
  readonly meanIoU: number;
  /** Standard deviation over the seeds, Σ(x − x̄)²/(n − 1) under the root; `null` of a single run. */
  readonly deviation: number | null;
  /** 95 % of the mean over the runs when images are resampled: how much it depends on the images. */
  readonly interval: Interval;
  /** To the first group, on the same images; `null` of the first itself. */
  readonly difference:
    | (IoUDifference & {
        /** 95 % of the mean of the differences seed by seed (Student): how much it depends on the seeds; `null` where seeds have no pairs. */
        readonly overSeeds: Interval | null;
      })
    | null;
}

/** How often a spiking network's neurons fire, on average over the examples. */
export interface ComparedSpikes {
  /** Spikes per neuron and timestep. */
  readonly meanRate: number;
  /** Share of input values other than 0, per timestep. */
  readonly inputActivity: number;
  /** Over all spiking layers. */
  readonly totals: SpikeTotals;
  /** The spiking layers from input to output. */
  readonly layers: readonly Omit<LayerStatistics, "examples" | "spikes">[];
  /** Where the bins of `membranes` lie, in units of the threshold; the outer bins take the rest. */
  readonly membraneBins: {
    /** Lower end of the first bin. */
    readonly from: number;
    /** Upper end of the last bin. */
    readonly to: number;
    /** Number of bins, of equal width. */
    readonly count: number;
  };
}

/** A spiking network's energies beside its twin's, or an ANN's own. */
export type ComparedEnergy =
  | {
      /** The energy models, with the constants of each semiconductor process. */
      readonly processes: readonly ComparedProcess[];
      /** Published energies of neuromorphic chips times this network's synaptic operations. */
      readonly chips: readonly {
        /** Of the chip. */
        readonly name: string;
        /** Where its energy was published. */
        readonly source: string;
        /** Picojoules per synaptic operation. */
        readonly pjPerSynapticOperation: number;
        /** Picojoules per example. */
        readonly totalPj: number;
      }[];
      /** Synaptic operations per example, layer by layer. */
      readonly layers: readonly {
        /** Key of its convolution, such as `features.0`. */
        readonly name: string;
        /** What arrives: `"events"`, `"pooled"` spikes, or `"real"` values. */
        readonly input: string;
        /** Input elements other than 0, over all passes. */
        readonly events: number;
        /** Operations charged as accumulates. */
        readonly accumulates: number;
        /** Operations charged as multiply-accumulates. */
        readonly multiplyAccumulates: number;
        /** The field's shortcut: rate of the feeding layer x timesteps x dense operations. */
        readonly shortcut: number;
        /** Multiply-accumulates of one dense pass. */
        readonly denseMacs: number;
      }[];
      /** What is not a synapse, per example: encoding, neurons, pooling … */
      readonly auxiliary: readonly {
        /** Which part of the network. */
        readonly name: string;
        /** Additions and comparisons. */
        readonly accumulates: number;
        /** Multiplications with an addition. */
        readonly multiplyAccumulates: number;
        /** Random numbers drawn. */
        readonly draws: number;
      }[];
    }
  | {
      /** Semiconductor process, such as `45 nm`. */
      readonly process: string;
      /** Picojoules per example of the ANN's synapses. */
      readonly annPj: number;
      /** Bits of its activations: 32 are float32, fewer integers beside 8-bit weights (default 32). */
      readonly bits?: number;
    };

/** All energy models with the constants of one process. */
export interface ComparedProcess {
  /** Such as `45 nm`. */
  readonly process: string;
  /** Where its constants were published. */
  readonly source: string;
  /** Spikes per neuron and timestep. */
  readonly meanRate: number;
  /** Picojoules per example by the field's shortcut: rate x dense operations x accumulate. */
  readonly shortcutPj: number;
  /** One an energy model. */
  readonly rows: readonly {
    /** Stable name for programs. */
    readonly id: string;
    /** Its name for people. */
    readonly model: string;
    /** The spiking network. */
    readonly snn: {
      /** Picojoules per example. */
      readonly totalPj: number;
    };
    /** Its ANN twin. */
    readonly ann: {
      /** Picojoules per example. */
      readonly totalPj: number;
    };
    /** ANN over SNN: above 1 the spiking network needs less. */
    readonly ratio: number;
    /** Spikes per neuron and timestep at which both need the same; `null` where a silent SNN needs more. */
    readonly breakEvenRate: number | null;
  }[];
}

/** Mean IoU under one kind of disturbance of growing strength. */
export interface ComparedCurve {
  /** A disturbance, such as `gaussian`. */
  readonly kind: string;
  /** What the strength is measured in, in words. */
  readonly unit: string;
  /** Area under the curve, as a share of the area if mean IoU never fell; `null` where strengths do not grow. */
  readonly relativeArea: number | null;
  /** From the weakest to the strongest. */
  readonly points: readonly {
    /** In units of {@link ComparedCurve.unit}. */
    readonly strength: number;
    /** Mean over the seeds of the disturbance. */
    readonly meanIoU: number;
    /** Its 95 % interval over images. */
    readonly interval: Interval;
  }[];
}

/** One example with everybody's prediction; pictures are `data:` addresses. */
export interface ComparedExample {
  /** Name of the example. */
  readonly id: string;
  /** Why it is shown: `best` or `worst` by the runs' mean, or empty. */
  readonly why: string;
  /** What the networks see, before normalisation. */
  readonly input: string;
  /** Its labels, painted. */
  readonly truth: string;
  /** The painted labels of each run. */
  readonly predictions: readonly string[];
  /** Mean IoU of this image, one per run. */
  readonly scores: readonly number[];
}

/** Several runs on one split: what {@link comparisonPage} shows. */
export interface ComparisonReport {
  /** Marks such data in JSON. */
  readonly format: "snnseg-report";
  /** Of the format. */
  readonly version: 1;
  /** The page's title. */
  readonly title: string;
  /** One sentence about the data and the machine. */
  readonly summary: string;
  /** Names of the classes; label k is the k-th. */
  readonly classes: readonly string[];
  /** In the order in which they were given. */
  readonly runs: readonly ComparedRun[];
  /** Every run in a group, where some differ in their seeds alone; else none. */
  readonly seedGroups: readonly SeedGroup[];
  /** Pictures of some examples. */
  readonly gallery: {
    /** From the best by the runs' mean score to the worst. */
    readonly examples: readonly ComparedExample[];
    /** The classes that the pictures show. */
    readonly legend: readonly {
      /** Class, or void. */
      readonly name: string;
      /** `#rrggbb`. */
      readonly color: string;
    }[];
  };
}
