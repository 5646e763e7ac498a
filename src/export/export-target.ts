/** What a format is to `exportRun` and `snnseg export`; its table is `targets.ts`. */
import type { ModelConfig } from "../models/index.js";
import type { ExportedMeta } from "./exported-meta.js";
import type { FoldedNetwork } from "./folded-network.js";

/** The options of all formats; each takes some of them. */
export interface ExportOptions {
  /** All timesteps in one graph (default), or one, with membranes in and out. */
  readonly form?: "folded" | "step" | undefined;
  /** Of weights and products (default `fp32`). */
  readonly precision?: "fp32" | "int8" | undefined;
}

/** The values that each option has; the first is the default. */
export const exportChoices = {
  form: ["folded", "step"],
  precision: ["fp32", "int8"],
} as const satisfies { readonly [K in keyof Required<ExportOptions>]: readonly ExportOptions[K][] };

/** A picture or a frame to begin with, for formats that are looked at. */
export interface LiveExample {
  /** Such as `0016E5_08159 of val`. */
  readonly name: string;
  /** A PNG: the picture itself, or a drawing of the frame. */
  readonly picture: Uint8Array;
  /** Of a network of events: what it sees, `[C, H, W]`, or `[T, C, H, W]` of a sequence, from −0.5 to 0.5. */
  readonly frame?: Float32Array;
}

/** What formats that are looked at ask for beside the network. */
export interface ExportedView {
  /** Of the network. */
  readonly config: ModelConfig;
  /** Absent where there is none to be had. */
  readonly example?: LiveExample | undefined;
}

/** A network in a format. */
export interface Exported {
  /** The file. */
  readonly bytes: Uint8Array | string;
  /** What the user should know: what the format cannot say, or says otherwise. */
  readonly notes: readonly string[];
}

/** A format. */
export interface ExportTarget {
  /** Of its files, such as `.onnx`. */
  readonly suffix: string;
  /** One line about it. */
  readonly about: string;
  /** The options that it takes; the others are refused. */
  readonly takes: readonly (keyof ExportOptions)[];
  /**
   * @param network - of `foldNetwork`
   * @param meta - kept in the file where it has a place for it
   * @param options - all options, and `view` for formats that are looked at
   * @throws OptionError for what the format cannot say
   */
  readonly write: (
    network: FoldedNetwork,
    meta: ExportedMeta,
    options: Required<ExportOptions> & { readonly view: () => Promise<ExportedView> },
  ) => Exported | Promise<Exported>;
  /** What a file of its own holds, in a line: read back after writing. @throws DataFormatError if it is none */
  readonly describe: (bytes: Uint8Array | string) => string | Promise<string>;
}
