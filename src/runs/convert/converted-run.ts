/** A conversion that has been scored, ready to be written. */
import type { ResolvedConfig } from "../../config/index.js";
import type { Loader } from "../../datasets/index.js";
import type { EvaluationResult, TimeRecord } from "../../training/index.js";
import type { AnnCheckpoint } from "./ann-checkpoint.js";
import type { ConvertOptions } from "./convert-options.js";
import type { DescribedConversion } from "./describe-conversion.js";

export type ConvertedRun = Pick<DescribedConversion, "conversion" | "calibration" | "layers"> & {
  readonly ann: AnnCheckpoint;
  readonly resolved: ResolvedConfig;
  readonly environment: Readonly<Record<string, string | number>>;
  readonly asked: ConvertOptions;
  readonly result: EvaluationResult;
  /** How long scoring took. */
  readonly time: TimeRecord;
  readonly loader: Loader;
};
