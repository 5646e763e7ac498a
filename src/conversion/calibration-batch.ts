/** A batch that conversion looks at: as images for the ANN, as frames for the spiking network. */
import type { Tensor } from "../engine/index.js";
import type { FrameSource } from "../models/index.js";

/** A batch that conversion looks at; the caller owns its tensors. */
export interface CalibrationBatch {
  /** `[N, C, H, W]`, as the ANN was trained on. */
  readonly images: Tensor;
  /** The same images as the spiking network will be fed them: of the same coding. */
  readonly frames: FrameSource;
}

/** Where networks that look at batches compute: where these are, and the CPU where there are none. */
export function deviceOfBatches([first]: readonly CalibrationBatch[]): string {
  return first?.images.device ?? "cpu";
}
