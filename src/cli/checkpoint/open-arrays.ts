/** Opens whatever a user calls a checkpoint: a run, one of its checkpoints, bare safetensors, a PyTorch file. */
import { basename } from "node:path";
import {
  checkpointFile,
  findStateDict,
  fromReferenceLayout,
  isReferenceLayout,
  type JsonObject,
  loadCheckpoint,
  type NamedArrays,
  type PickleValue,
  readPytorch,
  readSafetensors,
} from "../../serialization/index.js";

/** Arrays and what lies beside them. */
export interface OpenedArrays {
  readonly path: string;
  readonly kind: "checkpoint" | "safetensors" | "pytorch";
  readonly tensors: NamedArrays;
  readonly optimizer: NamedArrays;
  readonly thresholds: NamedArrays;
  /** A checkpoint's metadata. */
  readonly meta: JsonObject | undefined;
  /** Entries beside the state dict of a PyTorch file. */
  readonly others: ReadonlyMap<string, PickleValue>;
}

/**
 * Opens a file by what it holds, not by its name.
 *
 * @throws FileError if it is missing, DataFormatError if it is damaged or holds more than data
 */
export async function openArrays(path: string): Promise<OpenedArrays> {
  const nothing = { optimizer: new Map(), thresholds: new Map(), meta: undefined, others: new Map() };
  if (/\.(pth|pt|bin|tar)$/.test(path)) {
    const { value } = await readPytorch(path);
    const { tensors, others } = findStateDict(value, path);
    return { ...nothing, path, kind: "pytorch", tensors, others };
  }
  const file = await checkpointFile(path);
  const bare = await readSafetensors(file);
  if (bare.metadata.snnseg === undefined)
    return { ...nothing, path: file, kind: "safetensors", tensors: bare.tensors };
  return { ...nothing, ...(await loadCheckpoint(file)), kind: "checkpoint" };
}

/** The arrays in our layout, whichever they came in. */
export function inOurLayout({ path, tensors }: OpenedArrays): NamedArrays {
  return isReferenceLayout(tensors.keys()) ? fromReferenceLayout(tensors, { path }) : tensors;
}

/** How messages and tables call a file. */
export function titleOf({ path, kind }: OpenedArrays): string {
  const words = { checkpoint: "checkpoint", safetensors: "safetensors", pytorch: "PyTorch file" };
  return `${basename(path)} (${words[kind]})`;
}
