/** Opens whatever a user calls a checkpoint: a run, one of its checkpoints, bare safetensors, a PyTorch file. */
import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { withFile } from "../../files/index.js";
import {
  checkpointFile,
  findStateDict,
  fromReferenceLayout,
  isPytorchFile,
  type JsonObject,
  loadCheckpoint,
  type NamedArrays,
  type PickleValue,
  readPytorch,
  readSafetensors,
  readSafetensorsHeader,
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
 * Opens a file by its name and by what it holds.
 *
 * @throws FileError if it is missing, DataFormatError if it is damaged or holds more than data
 */
export async function openArrays(path: string): Promise<OpenedArrays> {
  const nothing = { optimizer: new Map(), thresholds: new Map(), meta: undefined, others: new Map() };
  if (await isPytorch(path)) {
    const { value } = await readPytorch(path);
    const { tensors, others } = findStateDict(value, path);
    return { ...nothing, path, kind: "pytorch", tensors, others };
  }
  const file = await checkpointFile(path);
  const { metadata } = await readSafetensorsHeader(file);
  if (metadata.snnseg === undefined) {
    const { tensors } = await readSafetensors(file);
    return { ...nothing, path: file, kind: "safetensors", tensors };
  }
  return { ...nothing, ...(await loadCheckpoint(file)), kind: "checkpoint" };
}

/** Any file is taken for PyTorch's that is not named as one of ours, and one of these too if it begins like PyTorch's. */
async function isPytorch(path: string): Promise<boolean> {
  if (/\.pth?$/.test(path)) return true;
  if (!existsSync(path) || statSync(path).isDirectory()) return false;
  if (!/\.(safetensors|json)$/.test(path)) return true;
  return withFile(path, async (file) => {
    const start = new Uint8Array(Math.min(16, file.size));
    await file.readInto(start, 0);
    return isPytorchFile(start);
  });
}

/** The arrays in our layout, whichever they came in. */
export function inOurLayout({ path, tensors }: OpenedArrays): NamedArrays {
  return fromReferenceLayout(tensors, { path });
}

/** How messages and tables call a file. */
export function titleOf({ path, kind }: OpenedArrays): string {
  const words = { checkpoint: "checkpoint", safetensors: "safetensors", pytorch: "PyTorch file" };
  return `${basename(path)} (${words[kind]})`;
}
