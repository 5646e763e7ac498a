/** Reading golden cases: `ID.json`, with larger tensors beside it in `ID.safetensors`. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError, FileError } from "../../src/errors.js";
import { type NamedArrays, readSafetensors, toNumbers } from "../../src/serialization/index.js";

/** A tensor of a case: its data, or where they lie. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data?: readonly number[];
  readonly file?: string;
  readonly key?: string;
}

/** A parameter's rule, and what a gradient or a trained parameter must look like. */
export interface GoldenParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly rule: "uniform" | "bias" | "gamma";
  readonly seed: number;
  readonly a?: number;
  readonly b?: number;
  readonly grad?: GoldenSummary | null;
}

/** A tensor in figures: norms, extremes and chosen elements. */
export interface GoldenSummary {
  readonly name?: string;
  readonly l2: number;
  readonly l1: number;
  readonly sum: number;
  readonly max_abs: number;
  readonly first: readonly number[];
  readonly last?: readonly number[];
  readonly probe?: readonly number[];
  readonly delta_l2?: number;
}

/** Running statistics: the first layer's in full, sums of all. */
export interface GoldenBatchNorm {
  readonly first: readonly {
    readonly name: string;
    readonly running_mean: readonly number[];
    readonly running_var: readonly number[];
  }[];
  readonly sums: readonly (readonly [string, number, number])[];
}

export interface GoldenForward {
  readonly loss: number;
  readonly output: GoldenTensor;
  readonly spikes?: readonly (readonly number[])[];
  readonly mean_x?: readonly (readonly number[])[];
}

export interface GoldenInputs {
  readonly kind: "image" | "frames" | "events-ternary" | "events-binary" | "poisson";
  readonly shape: readonly number[];
  readonly seed: number;
  readonly density?: number;
  readonly poisson_seed?: number;
}

export interface NetworkConfig {
  readonly arch: string;
  readonly bn: boolean;
  readonly leaky?: boolean;
  readonly alpha?: number;
  readonly leak_mem?: number;
  readonly def_threshold?: number;
  readonly grad_type?: string;
  readonly timesteps?: number;
  readonly full_prop?: boolean;
  readonly ibt?: boolean;
  readonly input_dim: number;
  readonly num_cls: number;
  readonly img_size: readonly [number, number];
}

interface Common<Kind extends string> {
  readonly format: string;
  readonly id: string;
  readonly kind: Kind;
}

interface Network {
  readonly config: NetworkConfig;
  readonly inputs: GoldenInputs;
  readonly labels: { readonly shape: readonly number[]; readonly seed: number; readonly classes: number };
  readonly parameters: readonly GoldenParameter[];
}

export interface ForwardCase extends Common<"ann" | "snn">, Network {
  readonly train: GoldenForward;
  readonly eval: GoldenForward | "same as train";
  readonly batch_norm: GoldenBatchNorm | null;
  readonly count_spikes?: {
    readonly examples: number;
    readonly sum: readonly number[];
    readonly units: readonly number[];
    readonly average: readonly number[];
    readonly rate: readonly number[];
  };
}

export interface TrainCase extends Common<"train">, Network {
  readonly config: NetworkConfig & {
    readonly optimizer: "sgd" | "adam";
    readonly lr: number;
    readonly momentum?: number;
    readonly weight_decay: number;
  };
  readonly steps: readonly (GoldenForward & {
    readonly grad_l2: readonly (number | null)[];
    readonly parameters_after: readonly GoldenSummary[];
    readonly batch_norm_after: GoldenBatchNorm | null;
  })[];
  readonly after: GoldenForward;
}

export interface ConvertCase extends Common<"convert">, Omit<Network, "labels"> {
  readonly config: NetworkConfig & { readonly threshold_type: "layer" | "channel" | "neuron" };
  readonly ann_batch_norm?: GoldenBatchNorm | null;
  readonly ann_output: GoldenTensor;
  readonly runs: readonly {
    readonly leak_mem: number;
    readonly update_rule: "max" | "as-is";
    readonly thresholds: readonly (number | GoldenTensor)[];
    readonly scaling_factor: number;
    readonly output: GoldenTensor;
    readonly spikes: readonly (readonly number[])[];
  }[];
}

export interface ScoresCase extends Common<"scores"> {
  readonly config: { readonly classes: number };
  readonly labels: GoldenTensor;
  readonly predictions: GoldenTensor;
  readonly confusion: GoldenTensor;
  readonly overall_accuracy: number;
  readonly mean_accuracy: number;
  readonly frequency_weighted_accuracy: number;
  readonly mean_iou: number;
  readonly iou_per_class: readonly (number | null)[];
}

interface TransformConfig {
  readonly size: readonly [number, number];
  readonly img_size: readonly [number, number];
  readonly seed: number;
}

export interface VocCase extends Common<"voc-transform"> {
  readonly config: TransformConfig;
  readonly image: GoldenTensor;
  readonly train_aug: { readonly labels: GoldenTensor };
  readonly val: { readonly labels: GoldenTensor };
}

export interface Ddd17Case extends Common<"ddd17-transform"> {
  readonly config: TransformConfig;
  readonly resized: GoldenTensor;
  readonly image_per_column: GoldenTensor;
  readonly image_per_channel: GoldenTensor;
  readonly labels: GoldenTensor;
}

export type GoldenCase = ForwardCase | TrainCase | ConvertCase | ScoresCase | VocCase | Ddd17Case;

/** A case with access to its tensors. */
export interface LoadedCase {
  readonly content: GoldenCase;
  /** The elements of a tensor of the case, in C order. */
  data(tensor: GoldenTensor): ArrayLike<number>;
}

/** Paths of the cases in `folder`, sorted. @throws FileError if the folder cannot be read or holds none */
export async function listCases(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    throw new FileError(
      `golden: expected a folder of cases, found no folder ${folder}; give the folder as argument`,
      {
        cause: error,
      },
    );
  }
  const cases = names.filter((name) => name.endsWith(".json")).sort();
  if (cases.length === 0) throw new FileError(`golden: expected cases *.json in ${folder}, found none`);
  return cases.map((name) => join(folder, name));
}

/** @throws DataFormatError if the file is not a golden case */
export async function loadCase(path: string): Promise<LoadedCase> {
  let content: GoldenCase;
  try {
    content = JSON.parse(await readFile(path, "utf8")) as GoldenCase;
  } catch (error) {
    throw new DataFormatError(`${path}: expected JSON, received something else`, { cause: error });
  }
  if (content.format !== "snnseg-golden/1") {
    throw new DataFormatError(`${path}: expected format snnseg-golden/1, received ${content.format}`);
  }
  const files = new Map<string, NamedArrays>();
  for (const file of new Set(JSON.stringify(content).match(/[\w.-]+\.safetensors/g))) {
    files.set(file, (await readSafetensors(join(path, "..", file))).tensors);
  }
  return {
    content,
    data(tensor) {
      if (tensor.data) return tensor.data;
      const array = files.get(tensor.file ?? "")?.get(tensor.key ?? "");
      if (!array)
        throw new DataFormatError(`${path}: expected a tensor ${tensor.key} in ${tensor.file}, found none`);
      return toNumbers(array);
    },
  };
}
