/** `snnseg checkpoint migrate`: files in old forms, written again in today's. */
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
import type { Terminal } from "../terminal.js";
import type { Layout } from "./export.js";
import { type OpenedArrays, openArrays, titleOf } from "./open-arrays.js";

export interface MigrateOptions {
  readonly out: string;
  readonly layout: Layout;
  /** Type and timesteps of thresholds that an old file holds as a bare list. */
  readonly bare: { readonly type: ThresholdType; readonly timesteps: number } | undefined;
  readonly terminal: Terminal;
}

/** Our checkpoints come out in today's version; others in the chosen layout, with everything that lay beside them. */
export async function migrate(path: string, options: MigrateOptions): Promise<void> {
  const opened = await openArrays(path);
  const { out, terminal } = options;
  if (opened.kind === "checkpoint") {
    const { tensors, optimizer, thresholds, meta = {} } = opened;
    await saveCheckpoint(out, { tensors, optimizer, thresholds, meta });
  } else {
    await migrateForeign(opened, options);
  }
  terminal.print(`${titleOf(opened)} to ${out}`);
  terminal.result({ file: out, arrays: opened.tensors.size });
}

async function migrateForeign(opened: OpenedArrays, { out, layout, bare }: MigrateOptions): Promise<void> {
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
