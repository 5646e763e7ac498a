/** A batch that conversion looks at: as images for the ANN, as frames for the spiking network. */
import type { Tensor } from "../engine/index.js";
import type { FrameSource } from "../models/index.js";

export interface CalibrationBatch {
  /** `[N, C, H, W]` */
  readonly images: Tensor;
  readonly frames: FrameSource;
}
