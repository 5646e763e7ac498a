/** What every checkpoint of a run says about itself, checked when it is read. */
import { z } from "zod";
import type { Config } from "../config/index.js";
import { DataFormatError, OptionError } from "../errors.js";
import type { Orientation } from "../images/index.js";
import { checkModelConfig, type ModelConfig } from "../models/index.js";
import type { Neuron, SurrogateFunction } from "../neurons/index.js";
import {
  type Checkpoint,
  type JsonObject,
  loadCheckpoint,
  readCheckpointMeta,
} from "../serialization/index.js";
import type { Progress } from "./progress.js";
import type { EvaluationResult } from "./records.js";

/**
 * What a checkpoint says about itself. Fields of other names are kept: conversions, imports and new statistics say where
 * they come from.
 */
export type CheckpointMeta = {
  /** The network; complete. */
  readonly model: ModelConfig;
  /** The options in force that do not concern the machine. */
  readonly config: Readonly<Partial<Config>>;
  /** Names of the classes, in the order of the scores. */
  readonly classes: readonly string[];
  /** Pixels per class of the training split, for the baseline. */
  readonly trainPixels: readonly number[];
  /** All pixels of the training images in which each class occurs; older checkpoints have none. */
  readonly trainImagePixels?: readonly number[] | undefined;
  /** How photographs were held in training. */
  readonly orientation?: Orientation | undefined;
  /** Epochs done; 0 of imported weights that do not say. */
  readonly epoch: number;
  /** Steps done of the next epoch. */
  readonly step: number;
  /** Of these weights; `null` where they were not scored. */
  readonly scores: EvaluationResult | null;
  /** Only in checkpoints to go on from. */
  readonly progress?: Progress | undefined;
  /** Of a converted network: the ANN's checkpoint, and how thresholds were chosen. */
  readonly conversion?:
    | {
        /** File of the ANN's checkpoint. */
        readonly from: string;
        /** One of `conversionMethods`. */
        readonly method: string;
      }
    | undefined;
};

const count = z.int().min(0);
const figure = z.number();
const pixels = z.array(figure.min(0));
const byLayer = z.record(z.string(), figure);
const scores = z.looseObject({
  ...{ epoch: count, split: z.string(), examples: count, loss: figure },
  ...{ pixelAccuracy: figure, meanAccuracy: figure, frequencyWeightedIoU: figure, meanIoU: figure },
  ...{ perClassIoU: z.array(figure.nullable()), baselineMeanIoU: figure, baselinePixelAccuracy: figure },
  // Results that runs recorded before lack the last two.
  ...{
    rates: byLayer,
    silentLayers: z.array(z.string()).optional(),
    constantClass: count.nullable().optional(),
  },
});
const layerSpikes = z.object({ name: z.string(), neurons: count, spikes: z.array(figure) });
const progress = z.object({
  ...{ epoch: count, step: count, lossSum: figure, examples: count, updates: count, metricsLines: count },
  spikes: z.object({ examples: count, layers: z.array(layerSpikes) }),
  ...{ best: scores.nullable(), latest: scores.nullable() },
});
const object = z.record(z.string(), z.unknown());
const metaSchema = z.looseObject({
  // Checked by the network's own rules, and the options by theirs.
  model: z.custom((value) => object.safeParse(value).success, "expected a network's settings"),
  config: z.custom((value) => object.safeParse(value).success, "expected a run's options"),
  classes: z.array(z.string()),
  ...{ trainPixels: pixels, trainImagePixels: pixels.optional() },
  orientation: z.enum(["turned", "stored"]).optional(),
  ...{ epoch: count, step: count, scores: scores.nullable(), progress: progress.optional() },
  conversion: z.looseObject({ from: z.string(), method: z.string() }).optional(),
});

/** A checkpoint of a run, with what it says about itself. */
export type TrainedCheckpoint = Omit<Checkpoint, "meta"> & {
  /** Checked. */
  readonly meta: CheckpointMeta;
};

/** Parts of one's own that a network was trained with: a checkpoint keeps their names, as no file keeps functions. */
export interface OwnParts {
  /** In place of the one that the checkpoint names. */
  readonly neuron?: Neuron;
  /** In place of the one that the checkpoint names. */
  readonly surrogate?: SurrogateFunction;
}

/**
 * Loads a checkpoint file and checks its metadata.
 *
 * @param path - the file, not a run folder
 * @param parts - to put in place of those that the checkpoint names
 * @throws FileError if it is missing, DataFormatError naming the field that is wrong, or if the file is damaged,
 * OptionError where an ANN is given parts of a spiking network
 */
export async function loadTrained(path: string, parts: OwnParts = {}): Promise<TrainedCheckpoint> {
  const checkpoint = await loadCheckpoint(path);
  return { ...checkpoint, meta: checkedMeta(withParts(checkpoint.meta, parts, path), checkpoint.path) };
}

function withParts(meta: JsonObject, { neuron, surrogate }: OwnParts, path: string): object {
  const parts = {
    ...(neuron === undefined ? {} : { neuron }),
    ...(surrogate === undefined ? {} : { surrogate }),
  };
  const [part] = Object.keys(parts);
  if (part === undefined) return meta;
  const model = Object(meta.model) as Partial<ModelConfig>;
  if (model.kind === "snn") return { ...meta, model: { ...model, ...parts } };
  throw new OptionError(`load ${path}: expected no ${part} for an ANN, received one; leave it out`);
}

/**
 * Only the metadata, without reading the arrays.
 *
 * @param path - the file, not a run folder
 * @throws FileError if it is missing, DataFormatError naming the field that is wrong, or if the file is damaged
 */
export async function readTrainedMeta(path: string): Promise<CheckpointMeta> {
  return checkedMeta(await readCheckpointMeta(path), path);
}

/** Metadata as a checkpoint stores it. */
export function metaJson<M extends CheckpointMeta>(meta: M): JsonObject {
  return meta as unknown as JsonObject;
}

function checkedMeta(json: object, path: string): CheckpointMeta {
  const meta = inForm(json, path);
  try {
    checkModelConfig(meta.model);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    throw wrong(path, error.message, error);
  }
  const { numClasses } = meta.model;
  for (const key of ["classes", "trainPixels", "trainImagePixels"] as const) {
    const { length } = meta[key] ?? { length: numClasses };
    if (length !== numClasses) throw wrong(path, `${length} ${key} of a network with ${numClasses} classes`);
  }
  return meta;
}

/** The same object: a run that goes on writes every field where it was. */
function inForm(json: object, path: string): CheckpointMeta {
  const { success, error } = metaSchema.safeParse(json);
  if (success) return json as CheckpointMeta;
  const issue = error.issues[0]!;
  throw wrong(path, `a wrong ${issue.path.join(".")} (${issue.message})`);
}

function wrong(path: string, received: string, cause?: unknown): DataFormatError {
  return new DataFormatError(
    `load ${path}: expected the metadata of a run's checkpoint, received ${received}; take another checkpoint, or train again`,
    { cause },
  );
}
