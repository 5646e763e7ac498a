/** What the page and the worker that computes say to each other. */

import type { LayerSent, LiveData, Operations } from "../../src/export/web/index.js";
import type { EventColors } from "../../src/report/web.js";
import type { ModelDescription, WebNetwork } from "../../src/web/index.js";

/** How the network runs. */
export interface RunSettings {
  readonly timesteps: number;
  /** Every threshold is multiplied by it. */
  readonly thresholdFactor: number;
  /** λ of all neurons; as trained unless given. */
  readonly leak?: number;
}

/** What is asked about; bitmaps and values go to the worker for good. */
export type Input =
  | { readonly kind: "picture"; readonly bitmap: ImageBitmap }
  /** What a network of events sees, and a drawing of it. */
  | { readonly kind: "frame"; readonly values: Float32Array<ArrayBuffer>; readonly bitmap: ImageBitmap }
  /** A picture before an event camera. */
  | {
      readonly kind: "camera";
      readonly bitmap: ImageBitmap;
      readonly timeUs: number;
      /** Change of the logarithm of brightness that makes an event. */
      readonly contrast: number;
      readonly look: EventLook;
    }
  /** A moment of the recording that is open. */
  | { readonly kind: "recording"; readonly timeUs: number; readonly look: EventLook };

/** How events are put together. */
export interface EventLook {
  /** Time that a frame shows. */
  readonly windowUs: number;
  readonly colors: EventColors;
}

/** From the page. */
export type Request =
  | {
      readonly kind: "open";
      readonly model: ArrayBuffer;
      /** What the page was told of the network. */
      readonly data: Pick<LiveData, "costs" | "shown">;
    }
  /** An event recording; the one before is closed. */
  | { readonly kind: "open-recording"; readonly file: File }
  | {
      readonly kind: "segment";
      readonly input: Input;
      readonly run: RunSettings;
      /** Whether neurons and the answers after each timestep are wanted. */
      readonly detail: boolean;
    };

/** A map of classes. */
export interface Labels {
  readonly height: number;
  readonly width: number;
  /** `[H, W]`. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** What a layer sent in each timestep. */
export interface LayerView extends LayerSent {
  /** Sums over all neurons, `[T]`. */
  readonly spikes: readonly number[];
}

/** How the answer came about. */
export interface Detail {
  /** The answer after each timestep. */
  readonly steps: readonly Labels[];
  readonly layers: readonly LayerView[];
  readonly operations: Operations;
}

/** The answer about an input. */
export interface Answer {
  /** Of the part of the input that shows the picture. */
  readonly labels: Labels;
  /** The picture itself; of events, a drawing of them. */
  readonly picture: ImageBitmap;
  /** How long the network took, in milliseconds. */
  readonly computeMs: number;
  readonly detail?: Detail;
}

/** What the worker says once the network is there. */
export interface Opened {
  readonly description: ModelDescription;
  readonly engine: WebNetwork["engine"];
}

/** What the worker says of a recording. */
export interface Recording {
  /** Times of the earliest and the latest event, in microseconds. */
  readonly rangeUs: readonly [first: number, last: number];
  /** What of it cannot be used, in words; empty where all can. */
  readonly leftOut: string;
}

/** To the page: an answer to the request of that number. */
export type Reply =
  | { readonly id: number; readonly ok: Opened | Recording | Answer }
  | { readonly id: number; readonly failed: string };
