/** Weights for other programs. */
import { extname } from "node:path";
import { OptionError } from "../../errors.js";
import {
  convolutionNames,
  type JsonObject,
  jsonToPickle,
  type PickleDict,
  type PickleValue,
  toReferenceLayout,
  toReferenceThresholds,
  writePytorch,
  writeSafetensors,
} from "../../serialization/index.js";
import { type OpenedArrays, openArrays, titleOf } from "./open-arrays.js";
import { referenceConfigOf } from "./reference-config.js";

/** Names of arrays: ours, or the reference's with one batch norm a timestep. */
export type Layout = "ours" | "reference";

/** What {@link exportWeights} and {@link migrateWeights} tell. */
export interface WrittenWeights {
  /** What was read, such as the kind of file and of network. */
  readonly title: string;
  /** How many arrays were written. */
  readonly arrays: number;
}

/**
 * Writes the weights of a run or checkpoint as `.pth`, `.pt` or `.safetensors`.
 *
 * @param path - a run folder, a checkpoint, or a file of weights; only read
 * @param out - the new file; its ending says the format
 * @param options - `layout` (default `ours`)
 * @throws OptionError if `out` ends in something else, or the reference's layout cannot hold the thresholds; FileError or DataFormatError if `path` cannot be read
 */
export async function exportWeights(
  path: string,
  out: string,
  { layout = "ours" }: { readonly layout?: Layout } = {},
): Promise<WrittenWeights> {
  const opened = await openArrays(path);
  if (layout === "reference") checkReferenceHolds(path, opened);
  const tensors = layout === "reference" ? toReferenceLayout(opened.tensors).tensors : opened.tensors;
  const extension = extname(out);
  if (extension === ".safetensors") await writeSafetensors(out, tensors, { format: "pt" });
  else if (extension === ".pth" || extension === ".pt") {
    await writePytorch(out, layout === "reference" ? asReferenceFile(opened) : tensors);
  } else {
    throw new OptionError(
      `checkpoint export: expected OUT to end in .pth, .pt or .safetensors, received ${out}; rename it`,
    );
  }
  return { title: titleOf(opened), arrays: tensors.size };
}

/** @throws OptionError for thresholds of their own of neurons apart from convolutions, which the reference's files do not hold */
function checkReferenceHolds(path: string, { tensors, meta = {} }: OpenedArrays): void {
  const usual = Math.fround(Number((meta.model as JsonObject | undefined)?.threshold));
  const apart = [...tensors.keys()].find(
    (name) =>
      /^lif_.+\.fire\d+\.threshold$/.test(name) && tensors.get(name)!.data.some((value) => value !== usual),
  );
  if (apart === undefined) return;
  throw new OptionError(
    `checkpoint export --layout reference: expected the network's own threshold, ${usual}, of neurons apart from convolutions, ` +
      `as the reference's files hold no others, received another in ${apart} of ${path}; use --layout ours`,
  );
}

/** A file as the reference saves it: state dict, config, thresholds, epoch. */
function asReferenceFile({ tensors, thresholds, meta = {} }: OpenedArrays): PickleDict {
  const found = toReferenceLayout(tensors);
  const layers = convolutionNames(tensors.keys());
  const all = new Map(thresholds);
  const timesteps = (meta.model as JsonObject | undefined)?.timesteps;
  // A converted network carries its thresholds as arrays of its own.
  for (const [layer, array] of found.thresholds) {
    const type = array.data.length === 1 ? "layer" : array.shape.length === 1 ? "channel" : "neuron";
    const key = `${type}.${Number(timesteps ?? 0)}.${layer}`;
    if (layers.includes(layer) && !all.has(key)) all.set(key, array);
  }
  const file = new Map<string, PickleValue>([["state_dict", found.tensors]]);
  if (meta.model !== undefined) file.set("config", withoutFloats(jsonToPickle(referenceConfigOf(meta))));
  if (all.size > 0) file.set("thresholds", toReferenceThresholds(all, layers));
  if (typeof meta.epoch === "number") file.set("epoch", meta.epoch);
  return file;
}

/** The restricted loader of PyTorch before 2 knows no floats, so they travel as tensors without axes. */
function withoutFloats(value: PickleValue): PickleValue {
  if (typeof value === "number" && !Number.isInteger(value)) {
    return { dtype: "float64", shape: [], data: Float64Array.of(value) };
  }
  if (!(value instanceof Map)) return value;
  return new Map([...value].map(([key, item]) => [key, withoutFloats(item)]));
}
