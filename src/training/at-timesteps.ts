/** A trained spiking network for runs of another length. */
import { OptionError } from "../errors.js";
import { type ModelConfig, normOf } from "../models/index.js";
import type { NamedArrays } from "../serialization/index.js";

/**
 * The network for `timesteps`: without batch norm, or with one that timesteps share, any number; with one that knows them
 * (`bntt`, `tebn`) at most as many as it has values for, of which the first are kept. The answer is that of the whole network read out after so many steps.
 *
 * @throws OptionError if there are no statistics for so many timesteps
 */
export function atTimesteps(
  { model, tensors }: { readonly model: ModelConfig; readonly tensors: NamedArrays },
  { timesteps, file }: { readonly timesteps: number; readonly file: string },
): { readonly model: ModelConfig; readonly tensors: NamedArrays } {
  if (model.kind === "ann" || timesteps === model.timesteps) return { model, tensors };
  const shorter = { ...model, timesteps };
  const norm = normOf(model);
  if (norm !== "bntt" && norm !== "tebn") return { model: shorter, tensors };
  if (timesteps > model.timesteps) {
    throw new OptionError(
      `--timesteps: expected at most ${model.timesteps}, for which ${file} has batch norm (${norm}), received ` +
        `${timesteps}; train with --timesteps ${timesteps}`,
    );
  }
  const first = [...tensors].map(([name, array]): [string, typeof array] => {
    const [, channels = 1] = array.shape;
    const timed = name.startsWith("bn_") && (norm === "bntt" || name.endsWith(".p"));
    if (!timed) return [name, array];
    const data = array.data.subarray(0, timesteps * channels);
    return [name, { ...array, shape: [timesteps, ...array.shape.slice(1)], data }];
  });
  return { model: shorter, tensors: new Map(first) };
}
