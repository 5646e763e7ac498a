/** The conversion methods at hand, and what they need. */

/** Names of the methods. */
export const conversionMethods = ["paper", "percentile", "initial", "calibrate", "qcfs"] as const;
/** How thresholds and weights are chosen; {@link methodTraits} describes each. */
export type ConversionMethod = (typeof conversionMethods)[number];

/** What a method does, and its defaults. */
export interface MethodTraits {
  /** One line for help texts and reports. */
  readonly about: string;
  /** Factor of all thresholds unless another one is asked for. */
  readonly scale: number;
  /** v before the first timestep as a share of ϑ. */
  readonly initialMembrane: number;
  /** Whether thresholds are a percentile of the activations. */
  readonly takesPercentile: boolean;
  /** How the image is fed unless asked otherwise: as in the paper, or without the noise of random spikes. */
  readonly encoding: "poisson" | "direct";
}

/** What the methods are. */
export const methodTraits: Readonly<Record<ConversionMethod, MethodTraits>> = {
  paper: {
    about: "largest current while the layers before spike; Poisson input (Kim et al. 2022)",
    scale: 0.7,
    initialMembrane: 0,
    takesPercentile: false,
    encoding: "poisson",
  },
  percentile: {
    about: "99.9th percentile of the ANN's activations (Rueckauer et al. 2017)",
    scale: 1,
    initialMembrane: 0,
    takesPercentile: true,
    encoding: "direct",
  },
  initial: {
    about: "percentile, and membranes that start at half their threshold (Bu et al. 2022, arXiv:2202.01440)",
    scale: 1,
    initialMembrane: 0.5,
    takesPercentile: true,
    encoding: "direct",
  },
  calibrate: {
    about: "thresholds of least rounding error and calibrated biases (Li et al. 2021)",
    scale: 1,
    initialMembrane: 0.5,
    takesPercentile: false,
    encoding: "direct",
  },
  qcfs: {
    about: "the bounds that an ANN with quantised ReLU has learnt (Bu et al. 2022, arXiv:2303.04347)",
    scale: 1,
    initialMembrane: 0.5,
    takesPercentile: false,
    encoding: "direct",
  },
};
