/** What a spiking network is made of, in order. */
import type { LifLayer } from "../neurons/index.js";
import type { Conv2d, Upsampler } from "../nn/index.js";

export type Part =
  | { readonly kind: "conv"; readonly name: string; readonly conv: Conv2d; readonly lif: LifLayer }
  | { readonly kind: "pool"; readonly stride: number }
  | { readonly kind: "skip"; readonly name: string; readonly conv: Conv2d };

export interface DecoderStage {
  readonly name: string;
  readonly upsampler: Upsampler;
  /** Absent in the last stage, which only integrates, and in decoders that do so throughout. */
  readonly lif: LifLayer | undefined;
}
