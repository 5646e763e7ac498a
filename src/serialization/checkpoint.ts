/**
 * Checkpoints of a run: weights, optimizer state and everything else needed to go on, in one safetensors file.
 *
 * All of it travels in one file so that one rename commits it: a process killed at any moment leaves the old
 * checkpoint or the new one, never weights of one step with the optimizer state of another. The JSON file beside it
 * is for people and other programs; it names the digest of the file it describes and is never read back.
 */

import type { NamedArrays } from "../arrays/index.js";
import { DataFormatError, OptionError } from "../errors.js";
import { writeFileAtomic } from "../files/index.js";
import { checkpointVersion, migrateMeta } from "./checkpoint-versions.js";
import type { JsonObject } from "./json-value.js";
import { readSafetensors, readSafetensorsHeader } from "./safetensors-read.js";
import { writeSafetensors } from "./safetensors-write.js";

/** What a run saves. */
export interface CheckpointContent {
  /** Parameters and buffers under their state-dict keys. */
  readonly tensors: NamedArrays;
  /** The optimizer's state under keys of its own, for example `momentum.features.0.weight`. */
  readonly optimizer?: NamedArrays;
  /** Thresholds that conversion found, as `TYPE.T.LAYER`, for example `channel.16.features.3`. */
  readonly thresholds?: NamedArrays;
  /** Model, config, epoch, scores, random streams and so on. */
  readonly meta: JsonObject;
}

/** What is found in a file. */
export interface Checkpoint extends Required<CheckpointContent> {
  /** The file, ending in `.safetensors`. */
  readonly path: string;
}

const format = "snnseg-checkpoint";
const header = { format, version: checkpointVersion };
const metadataKey = "snnseg";
/** Arrays that are no weights have a prefix of their own in the file. */
const groups = ["optimizer", "thresholds"] as const;

/**
 * `X`, `X.json` and `X.safetensors` all mean the checkpoint `X.safetensors`.
 *
 * @param path - with either suffix, or without one
 */
export function checkpointPath(path: string): string {
  return `${path.replace(/\.(safetensors|json)$/, "")}.safetensors`;
}

/**
 * Saves a checkpoint and, after it, the JSON file beside it.
 *
 * @param path - with or without `.safetensors`
 * @param content - not changed
 * @throws FileError if it cannot be written; an older checkpoint there stays as it was
 * @throws OptionError if `meta` holds what JSON cannot, or a weight's key begins with `optimizer.` or `thresholds.`
 * @example
 * import { saveCheckpoint } from "snnseg/io";
 *
 * await saveCheckpoint("last", {
 *   tensors: new Map([["layer.weight", { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) }]]),
 *   meta: { epoch: 3 },
 * }); // writes last.safetensors and last.json
 */
export async function saveCheckpoint(
  path: string,
  { tensors, meta, ...others }: CheckpointContent,
): Promise<void> {
  const file = checkpointPath(path);
  const all: NamedArrays = new Map(tensors);
  for (const name of tensors.keys()) {
    if (groups.some((group) => name.startsWith(`${group}.`))) {
      throw new OptionError(
        `save ${file}: expected names of weights, received "${name}"; rename that parameter`,
      );
    }
  }
  for (const group of groups) {
    for (const [name, array] of others[group] ?? []) all.set(`${group}.${name}`, array);
  }
  // Twice: first to stand at the top of the file, then to win over fields of the same name.
  const described = { ...header, ...meta, ...header };
  const text = toJson(described, file);
  const written = await writeSafetensors(file, all, { format: "pt", [metadataKey]: text });
  const sidecar = { ...described, file: { name: file.replace(/^.*[\\/]/, ""), ...written } };
  await writeFileAtomic(file.replace(/safetensors$/, "json"), `${JSON.stringify(sidecar, undefined, 2)}\n`);
}

/**
 * Loads a checkpoint of this or an older version.
 *
 * @param path - `X`, `X.safetensors` or `X.json`
 * @throws FileError if it is missing, DataFormatError if it is damaged, newer than this program, or no checkpoint
 * @example
 * import { loadCheckpoint, saveCheckpoint } from "snnseg/io";
 *
 * await saveCheckpoint("last", {
 *   tensors: new Map([["layer.weight", { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) }]]),
 *   meta: { epoch: 3 },
 * });
 * const { tensors, meta } = await loadCheckpoint("last");
 * console.log(tensors.get("layer.weight")?.data, meta.epoch); // [1, 2] 3
 */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  const file = checkpointPath(path);
  const { tensors: all, metadata } = await readSafetensors(file);
  const meta = parseMeta(metadata[metadataKey], file);
  const tensors: NamedArrays = new Map();
  const others = { optimizer: new Map() as NamedArrays, thresholds: new Map() as NamedArrays };
  for (const [name, array] of all) {
    const group = groups.find((known) => name.startsWith(`${known}.`));
    if (group === undefined) tensors.set(name, array);
    else others[group].set(name.slice(group.length + 1), array);
  }
  return { path: file, tensors, ...others, meta };
}

/**
 * Only what a checkpoint says about itself, without reading the arrays.
 *
 * @param path - `X`, `X.safetensors` or `X.json`
 * @throws as {@link loadCheckpoint} does
 */
export async function readCheckpointMeta(path: string): Promise<JsonObject> {
  const file = checkpointPath(path);
  const { metadata } = await readSafetensorsHeader(file);
  return parseMeta(metadata[metadataKey], file);
}

function toJson(value: JsonObject, file: string): string {
  return JSON.stringify(value, (key, entry: unknown) => {
    if (typeof entry === "bigint" || (typeof entry === "number" && !Number.isFinite(entry))) {
      throw new OptionError(
        `save ${file}: expected a finite number for "${key}", received ${entry}; JSON would lose it, leave it out`,
      );
    }
    return entry;
  });
}

function parseMeta(text: string | undefined, file: string): JsonObject {
  if (text === undefined) {
    throw new DataFormatError(
      `load checkpoint ${file}: expected a checkpoint of a run, received a safetensors file of bare arrays; ` +
        `turn it into one with "snnseg checkpoint import"`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || (value as JsonObject).format !== format) {
    throw new DataFormatError(
      `load checkpoint ${file}: expected metadata of format "${format}", received something else; the file is damaged`,
    );
  }
  const { format: _format, version: _version, ...meta } = migrateMeta(value as JsonObject, { file });
  return meta;
}
