/** Files in old forms, written again in today's. */
import { OptionError } from "../../errors.js";
import {
  convolutionNames,
  fromReferenceLayout,
  fromReferenceThresholds,
  type NamedArrays,
  type PickleValue,
  saveCheckpoint,
  type ThresholdType,
  toReferenceLayout,
  toReferenceThresholds,
  writePytorch,
  writeSafetensors,
} from "../../serialization/index.js";
import type { Layout, WrittenWeights } from "./export-weights.js";
import { type OpenedArrays, openArrays, titleOf } from "./open-arrays.js";

/** What an old file does not say about itself, and how it is written anew. */
export interface MigrateOptions {
  /** Of a file that is none of our checkpoints (default `reference`). */
  readonly layout?: Layout;
  /** Type and timesteps of thresholds that an old file holds as a bare list. */
  readonly bare?:
    | {
        /** Who shares a threshold. */
        readonly type: ThresholdType;
        /** T of the search that found them. */
        readonly timesteps: number;
      }
    | undefined;
}

/**
 * Writes an old file anew: our checkpoints in today's version; others in the chosen layout, with everything that lay
 * beside them.
 *
 * @param path - only read
 * @param out - the new file; `.safetensors` for a checkpoint, `.pth`, `.pt` or `.safetensors` for others
 * @param options - for files that are none of our checkpoints
 * @throws FileError or DataFormatError if `path` cannot be read, OptionError if `out` has another ending than the file needs
 */
export async function migrateWeights(
  path: string,
  out: string,
  options: MigrateOptions = {},
): Promise<WrittenWeights> {
  const opened = await openArrays(path);
  if (opened.kind === "checkpoint") {
    const { tensors, optimizer, thresholds, meta = {} } = opened;
    await saveCheckpoint(out, { tensors, optimizer, thresholds, meta });
  } else {
    await migrateForeign(opened, out, options);
  }
  return { title: titleOf(opened), arrays: opened.tensors.size };
}

async function migrateForeign(
  opened: OpenedArrays,
  out: string,
  { layout = "reference", bare }: MigrateOptions,
): Promise<void> {
  const ours = fromReferenceLayout(opened.tensors, { path: opened.path });
  const tensors = layout === "reference" ? toReferenceLayout(ours).tensors : ours;
  if (out.endsWith(".safetensors")) {
    await writeSafetensors(out, tensors, { format: "pt" });
    return;
  }
  if (!/\.pth?$/.test(out)) {
    throw new OptionError(
      `checkpoint migrate: expected OUT to end in .pth, .pt or .safetensors, received ${out}; rename it`,
    );
  }
  const others = new Map(opened.others);
  const old = others.get("thresholds");
  if (old !== undefined)
    others.set("thresholds", renewThresholds(old, { path: opened.path, tensors: ours, bare }));
  await writePytorch(
    out,
    others.size === 0 ? tensors : new Map<string, PickleValue>([["state_dict", tensors], ...others]),
  );
}

function renewThresholds(
  old: PickleValue,
  { path, tensors, bare }: { path: string; tensors: NamedArrays; bare: MigrateOptions["bare"] },
): PickleValue {
  const layers = convolutionNames(tensors.keys());
  return toReferenceThresholds(fromReferenceThresholds(old, { path, layers, bare }), layers);
}
