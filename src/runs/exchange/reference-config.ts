/** The reference's names of options (`leak_mem`, `def_threshold`, …) and ours. */
import type { ConfigKey } from "../../config/index.js";
import type { LabelPixel } from "../../images/index.js";
import type { SurrogateName } from "../../neurons/index.js";
import { isTensor, type JsonObject, type PickleValue, toNumbers } from "../../serialization/index.js";

const surrogates: Readonly<Record<string, SurrogateName>> = {
  Linear: "linear",
  FastSigm: "fast-sigmoid",
  Exp: "exponential",
  PassThru: "pass-through",
};
const defaultAlpha = 0.1;

/** Our options that a reference checkpoint's `config` says, for a network of that kind. */
export function optionsOfReference(
  config: PickleValue | undefined,
  kind: "ann" | "snn",
): Partial<Record<ConfigKey, unknown>> {
  const read = (name: string): unknown => {
    const value = config instanceof Map ? config.get(name) : undefined;
    return value !== undefined && isTensor(value) && value.data.length === 1 ? toNumbers(value)[0] : value;
  };
  const alpha = read("alpha") ?? defaultAlpha;
  const size = read("img_size");
  const common = { imgSize: typeof size === "number" ? [size, size] : size, batchNorm: read("bn") };
  const special =
    kind === "ann"
      ? { leakySlope: read("leaky") === true ? alpha : undefined }
      : {
          timesteps: read("timesteps"),
          leak: read("leak_mem"),
          threshold: read("def_threshold"),
          surrogate: surrogates[String(read("grad_type"))],
          fullPropagation: read("full_prop"),
          imbalance: read("ibt") === true ? alpha : undefined,
        };
  const said = Object.entries({ ...common, ...special }).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return Object.fromEntries(said);
}

/** How the labels were reduced that a reference checkpoint's network has learnt; ours say it, the reference has one way. */
export function labelPixelOfReference(config: PickleValue | undefined): LabelPixel {
  return config instanceof Map && config.get("label_pixel") === "centre" ? "centre" : "corner";
}

/** A checkpoint's network in the reference's words. */
export function referenceConfigOf({ model, config }: JsonObject): JsonObject {
  const { kind, arch, batchNorm, inputChannels, numClasses, ...rest } = model as JsonObject;
  const common = {
    arch,
    bn: batchNorm,
    input_dim: inputChannels,
    num_cls: numClasses,
    img_size: (config as JsonObject | undefined)?.imgSize,
    label_pixel: (config as JsonObject | undefined)?.labelPixel,
  };
  if (kind === "ann") return { ...common, leaky: rest.leakySlope !== 0, alpha: rest.leakySlope };
  const grad = Object.entries(surrogates).find(([, name]) => name === rest.surrogate)?.[0];
  return {
    ...common,
    timesteps: rest.timesteps,
    leak_mem: rest.leak,
    def_threshold: rest.threshold,
    grad_type: grad,
    full_prop: rest.fullPropagation,
    ibt: rest.imbalance !== 0,
    alpha: rest.imbalance,
  };
}
