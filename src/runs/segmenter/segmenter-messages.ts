/** What a segmenter and its thread tell each other. */
import type { EventFileOptions } from "../../events/index.js";
import type { RgbImage } from "../../images/index.js";
import type { ComputePrecision } from "../../inference/index.js";
import type { GivenOptions } from "../open-run.js";

/** What the thread opens. */
export interface SegmenterSetup {
  readonly path: string;
  readonly last: boolean | undefined;
  readonly precision: ComputePrecision | undefined;
  readonly options: GivenOptions;
}

export type SegmenterJob =
  | { readonly kind: "describe" }
  | { readonly kind: "picture"; readonly picture: string | Uint8Array | RgbImage }
  | {
      readonly kind: "open";
      readonly stream: number;
      readonly recording: string;
      readonly carry: boolean;
      readonly reading: EventFileOptions;
    }
  | { readonly kind: "next"; readonly stream: number }
  | { readonly kind: "end"; readonly stream: number };

export interface Description {
  readonly file: string;
  readonly classes: readonly string[];
  readonly colors: readonly (readonly [number, number, number])[];
  readonly timesteps: number;
  readonly precision: ComputePrecision;
}

/** A label map, and the picture that it belongs to. */
export interface LabelledImage {
  readonly mask: Uint8Array<ArrayBuffer>;
  readonly image: RgbImage;
}

export interface LabelledWindow extends LabelledImage {
  readonly startUs: number;
  readonly endUs: number;
  readonly events: number;
}
