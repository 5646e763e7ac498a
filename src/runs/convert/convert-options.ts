/** What is asked of a conversion beside the options of a run. */
import type { ConversionMethod } from "../../conversion/index.js";
import type { ThresholdType } from "../../serialization/index.js";

/** How a run's ANN is converted, beside the options of the spiking run. */
export interface ConvertOptions {
  /** How thresholds are chosen (default `paper`). */
  readonly method: ConversionMethod;
  /** Who shares a threshold (default `layer`). */
  readonly thresholds: ThresholdType;
  /** Factor of all thresholds (default: the method's own). */
  readonly scale?: number | undefined;
  /** Share of activations below the threshold, in (0, 1] (default 0.999). */
  readonly percentile?: number | undefined;
  /** Calibration batches of the training split (default 1). */
  readonly batches: number;
  /** Search again where thresholds are kept from an earlier conversion (default false). */
  readonly reset?: boolean | undefined;
  /** Leave the ANN's batch norm out, as the reference does (default false). */
  readonly ignoreBatchNorm?: boolean | undefined;
  /** Also score after 1, 2, 4 … timesteps, for these methods or all that this ANN can be converted by (default: no curve). */
  readonly curve?: true | readonly ConversionMethod[] | undefined;
  /** Last timestep of the curve (default 256). */
  readonly curveTo: number;
  /** A directly trained spiking run to show beside the curve. */
  readonly direct?: string | undefined;
  /** Of a run folder, the last checkpoint instead of the best (default false). */
  readonly last?: boolean | undefined;
}

/** What holds unless said otherwise. */
export const convertDefaults = {
  ...({ method: "paper", thresholds: "layer", batches: 1, curveTo: 256 } as const),
} satisfies ConvertOptions;
