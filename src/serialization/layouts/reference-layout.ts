/**
 * State dicts as the paper's reference code names them, and as we do.
 *
 * Weights have the same names. Batch norm through time is one module a timestep there
 * (`bn_features.L.T.weight`, `[C]`), one array a layer here (`bn_features.L.weight`, `[T, C]`). Its counters
 * `num_batches_tracked` mean nothing with a fixed momentum; thresholds are arrays of the network only here.
 */

import { bytesOf, elementBytes, type NamedArrays, viewAs } from "../../arrays/index.js";
import type { NamedArray, TensorData } from "../../engine/index.js";
import { DataFormatError } from "../../errors.js";
import { spikingLayerNames } from "./layer-names.js";
import { unwrapArrays, unwrapKeys } from "./wrapper-prefix.js";

const temporal = /^(bn_(?:features|classifier)\.\d+)\.(\d+)\.(\w+)$/;
const normalization = /^bn_(?:features|classifier)\.\d+\.\w+$/;
const counter = "num_batches_tracked";

/**
 * Whether keys are the reference's: one batch norm a timestep, or its counters.
 *
 * @param keys - of a state dict, with or without a wrapper's prefix
 */
export function isReferenceLayout(keys: Iterable<string>): boolean {
  const all = [...keys];
  const unwrap = unwrapKeys(all);
  return all.some((key) => temporal.test(unwrap(key)) || key.endsWith(`.${counter}`));
}

/**
 * The reference's state dict in our layout. Prefixes of wrappers (`module.`, `model.`) are dropped.
 *
 * @param tensors - not changed; the result shares the data of arrays that stay as they are
 * @param options - what the state dict does not hold
 * @param options.path - the file, for messages
 * @param options.threshold - ϑ of every spiking layer; leave it out for an ANN
 * @param options.layers - the spiking layers (default: as the names of the weights tell them of DeepLab and FCN)
 * @throws DataFormatError naming the key, if a timestep is missing, shapes differ between timesteps, or batch norm
 * has a shift that our networks cannot have
 */
export function fromReferenceLayout(
  tensors: NamedArrays,
  {
    path,
    threshold,
    layers,
  }: {
    readonly path: string;
    readonly threshold?: number | undefined;
    readonly layers?: Iterable<string> | undefined;
  },
): NamedArrays {
  const result: NamedArrays = new Map();
  const steps = new Map<string, NamedArray[]>();
  for (const [name, array] of unwrapArrays(tensors)) {
    const match = temporal.exec(name);
    const field = name.slice(name.lastIndexOf(".") + 1);
    if ((match !== null || normalization.test(name)) && (field === counter || field === "bias")) {
      checkDroppable(array, { path, name, field });
    } else if (match === null) {
      result.set(name, array);
    } else {
      const step = Number(match[2]);
      if (step >= tensors.size) throw refuse(path, name, "consecutive timesteps", `timestep ${match[2]}`);
      const target = `${match[1]}.${match[3]}`;
      const rows = steps.get(target) ?? [];
      rows[step] = array;
      steps.set(target, rows);
    }
  }
  for (const [name, rows] of steps) result.set(name, stack(rows, { path, name }));
  if (threshold !== undefined) {
    for (const layer of layers ?? spikingLayerNames(result.keys())) {
      const name = `lif_${layer}.threshold`;
      if (!result.has(name))
        result.set(name, { dtype: "float32", shape: [1], data: Float32Array.of(threshold) });
    }
  }
  return result;
}

/**
 * Our state dict in the reference's layout.
 *
 * @param tensors - not changed; the result shares its data
 * @returns its tensors, and the thresholds by layer, which the reference keeps outside the state dict
 */
export function toReferenceLayout(tensors: NamedArrays): {
  /** The reference's state dict. */
  readonly tensors: NamedArrays;
  /** ϑ by spiking layer, such as `features.0`; none of an ANN. */
  readonly thresholds: ReadonlyMap<string, NamedArray>;
} {
  const result: NamedArrays = new Map();
  const thresholds = new Map<string, NamedArray>();
  const count: NamedArray = { dtype: "int64", shape: [], data: new BigInt64Array(1) };
  for (const [name, array] of tensors) {
    const layer = /^lif_(.+)\.threshold$/.exec(name)?.[1];
    const dot = name.lastIndexOf(".");
    if (layer !== undefined) {
      thresholds.set(layer, array);
    } else if (!normalization.test(name)) {
      result.set(name, array);
    } else if (array.shape.length === 2) {
      for (const [step, row] of rowsOf(array).entries()) {
        const module = `${name.slice(0, dot)}.${step}`;
        result.set(module + name.slice(dot), row);
        result.set(`${module}.${counter}`, count);
      }
    } else {
      result.set(name, array);
      result.set(`${name.slice(0, dot)}.${counter}`, count);
    }
  }
  return { tensors: result, thresholds };
}

function checkDroppable(
  array: NamedArray,
  { path, name, field }: { path: string; name: string; field: string },
): void {
  if (field === counter || bytesOf(array).every((byte) => byte === 0)) return;
  throw refuse(path, name, "batch norm without a learnt shift", "one that is not zero");
}

/** `[C]` a timestep to `[T, C]`. */
function stack(rows: readonly NamedArray[], { path, name }: { path: string; name: string }): NamedArray {
  const first = rows.find((row) => row !== undefined)!;
  const [channels = 0] = first.shape;
  const size = channels * elementBytes(first.dtype);
  const bytes = new Uint8Array(rows.length * size);
  for (let step = 0; step < rows.length; step++) {
    const row = rows[step];
    if (row === undefined)
      throw refuse(path, name, `timesteps 0 to ${rows.length - 1}`, `none for timestep ${step}`);
    if (row.dtype !== first.dtype || row.shape.length !== 1 || row.shape[0] !== channels) {
      throw refuse(
        path,
        name,
        `${first.dtype} [${channels}] at every timestep`,
        `${row.dtype} [${row.shape}] at ${step}`,
      );
    }
    bytes.set(bytesOf(row), step * size);
  }
  return { dtype: first.dtype, shape: [rows.length, channels], data: viewAs(first.dtype, bytes) };
}

function rowsOf({ dtype, shape, data }: NamedArray): NamedArray[] {
  const [steps = 0, channels = 0] = shape;
  const row = (step: number): TensorData => data.subarray(step * channels, (step + 1) * channels);
  return Array.from({ length: steps }, (_, step) => ({ dtype, shape: [channels], data: row(step) }));
}

function refuse(path: string, name: string, expected: string, received: string): DataFormatError {
  return new DataFormatError(
    `read ${path}: expected ${name} with ${expected}, received ${received}; is this a checkpoint of such a network?`,
  );
}
