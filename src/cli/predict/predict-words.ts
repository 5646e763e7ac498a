/** What `snnseg predict` is told beside the options of a configuration. */
import type { ComputePrecision } from "../precision.js";

export interface PredictWords {
  readonly output: string;
  readonly overlay?: true;
  readonly anytime?: true;
  readonly stream?: true;
  readonly last?: true;
  readonly explain?: true;
  readonly precision?: ComputePrecision | undefined;
}
