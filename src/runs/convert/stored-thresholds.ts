/**
 * Thresholds that a search found, kept beside the ANN's checkpoint, which stays as it is: `best.thresholds.safetensors`
 * for `best.safetensors`, by type and timesteps, so that another conversion need not search again.
 */
import type { Threshold, Thresholds } from "../../conversion/index.js";
import { FileError } from "../../errors.js";
import { sha256File } from "../../files/index.js";
import {
  type JsonObject,
  loadCheckpoint,
  type NamedArrays,
  saveCheckpoint,
  type ThresholdType,
} from "../../serialization/index.js";

/** What a search depends on: other conditions need another search. */
export interface Search {
  readonly type: ThresholdType;
  readonly timesteps: number;
  readonly conditions: JsonObject;
}

/** Thresholds kept for one checkpoint file. */
export class StoredThresholds {
  readonly #file: string;
  /** Of the checkpoint. */
  readonly #sha256: string;
  readonly #arrays: NamedArrays;
  readonly #searches: Readonly<Record<string, JsonObject>>;

  private constructor(
    file: string,
    {
      sha256,
      arrays,
      searches,
    }: { sha256: string; arrays: NamedArrays; searches: Record<string, JsonObject> },
  ) {
    this.#file = file;
    this.#sha256 = sha256;
    this.#arrays = arrays;
    this.#searches = searches;
  }

  /** Those of a checkpoint; none where another checkpoint was there when they were found, or the file is damaged. */
  static async open(checkpoint: string): Promise<StoredThresholds> {
    const file = checkpoint.replace(/\.safetensors$/, ".thresholds.safetensors");
    const sha256 = await sha256File(checkpoint);
    const stored = await loadCheckpoint(file).catch(() => undefined);
    const { searches = {}, of } = (stored?.meta ?? {}) as {
      searches?: Record<string, JsonObject>;
      of?: unknown;
    };
    if (stored === undefined || of !== sha256)
      return new StoredThresholds(file, { sha256, arrays: new Map(), searches: {} });
    return new StoredThresholds(file, { sha256, arrays: stored.thresholds, searches });
  }

  /** What a search under these conditions found; `undefined` if there was none. */
  get({ type, timesteps, conditions }: Search): Thresholds | undefined {
    const name = `${type}.${timesteps}`;
    if (JSON.stringify(this.#searches[name]) !== JSON.stringify(conditions)) return undefined;
    const thresholds = new Map<string, Threshold>();
    for (const [key, { data, shape }] of this.#arrays) {
      if (!key.startsWith(`${name}.`) || !(data instanceof Float32Array)) continue;
      thresholds.set(key.slice(name.length + 1), { shape: data.length === 1 ? [1] : shape, data });
    }
    return thresholds.size === 0 ? undefined : thresholds;
  }

  /** Keeps what a search found in place of an earlier one's; `false` where nothing can be written. */
  async keep({ type, timesteps, conditions }: Search, found: Thresholds): Promise<boolean> {
    const name = `${type}.${timesteps}`;
    const thresholds: NamedArrays = new Map([...this.#arrays].filter(([key]) => !key.startsWith(`${name}.`)));
    for (const [layer, { shape, data }] of found) {
      thresholds.set(`${name}.${layer}`, { dtype: "float32", shape, data });
    }
    const meta = { of: this.#sha256, searches: { ...this.#searches, [name]: conditions } };
    try {
      await saveCheckpoint(this.#file, { tensors: new Map(), thresholds, meta });
      return true;
    } catch (error) {
      if (error instanceof FileError) return false;
      throw error;
    }
  }
}
