/** Compiles a spiking network for fused inference: weights packed, batch norm and biases folded. */
import { checkInteger, checkKeys, LARGEST_INT } from "../checks/index.js";
import { clone, expand, keep, noGrad, scope, Tensor } from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  type ForwardNetwork,
  type NetworkPlan,
  planNetwork,
  type ReadOut,
  SnnModel,
  sizePlan,
} from "../models/index.js";
import { checkFiniteState } from "./finite-state.js";
import { foldNorm } from "./folded-norm.js";
import type { FusedLayer, FusedNeurons, FusedParts, FusedStage } from "./fused-parts.js";
import { FusedSnn } from "./fused-snn.js";
import { fusionObstacle } from "./fusible.js";
import { checkPrecision, type FusedPrecision, packConv } from "./spike-ops.js";

/** What to compile a network for; all are needed. */
export interface FuseOptions {
  /** Of the input, in pixels. */
  readonly height: number;
  /** Of the input, in pixels. */
  readonly width: number;
  /** How weights are held: `exact`, `fast` or `int8`. */
  readonly precision: FusedPrecision;
}

const optionKeys = new Set(["height", "width", "precision"]);

/**
 * Compiles a network in its present state for inputs of one size. It computes what evaluation computes, up to the error
 * of the precision, and owns its weights: it stays as it is when the network changes or is disposed.
 *
 * @param model - an `SnnModel` on the CPU, in either mode
 * @param options - size of the input, and precision
 * @returns the compiled network, which the caller disposes
 * @throws OptionError if the kernels cannot run the network (`fusionObstacle` says why), one of its tensors has a value
 *   that is not finite, or an option is unknown or out of its range
 * @example
 * ```ts
 * import { createModel, fuseSnn, scope } from "snnseg";
 * import { rand } from "snnseg/ops";
 *
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 3, numClasses: 21, timesteps: 2 });
 * const fused = fuseSnn(model, { height: 32, width: 32, precision: "fast" });
 * scope("example", () => console.log(fused.forward(rand([1, 3, 32, 32], 1)).logits.shape)); // [1, 21, 32, 32]
 * for (const owned of [fused, model]) owned.dispose();
 * ```
 */
export function fuseSnn(model: ForwardNetwork, options: FuseOptions): FusedSnn {
  const { height, width, precision } = options;
  checkKeys("fuseSnn", options, optionKeys);
  checkInteger("fuseSnn", "height", height, { most: LARGEST_INT });
  checkInteger("fuseSnn", "width", width, { most: LARGEST_INT });
  checkPrecision("fuseSnn", precision);
  const obstacle = fusionObstacle(model);
  if (obstacle !== undefined || !(model instanceof SnnModel)) {
    throw new OptionError(
      `fuse: expected a network for the fused kernels, received one they cannot run: ${obstacle}; use its own forward`,
    );
  }
  const owned: Disposable[] = [];
  try {
    return scope("fuse", () => noGrad(() => new FusedSnn(fusedParts(model, options, owned))));
  } catch (error) {
    for (const each of owned) each[Symbol.dispose]();
    throw error;
  }
}

/** @param owned - takes in what the parts consist of */
function fusedParts(
  model: SnnModel,
  { height, width, precision }: FuseOptions,
  owned: Disposable[],
): FusedParts {
  const own = <T extends Tensor | ReadOut>(part: T): T => {
    owned.push(part instanceof Tensor ? keep(part) : part);
    return part;
  };
  const layers: FusedLayer[] = [];
  const { config } = model;
  const state = model.state();
  checkFiniteState("fuseSnn", model);
  const copyOf = (name: string) => own(clone(state.get(name)!));
  const plan = planNetwork(config);
  const sized = sizePlan(plan, [height, width]);
  const scored = scoredSkips(plan);
  let read: readonly [number, number] = [height, width];
  let poolStride = 0;
  for (const layer of sized.layers) {
    const [, ...size] = layer.output;
    if (layer.kind === "pool") {
      poolStride = layer.stride;
      continue;
    }
    // The kernels run no plan with joins, nor with neurons apart from convolutions.
    if (layer.kind === "keep" || layer.kind === "join" || layer.kind === "fire") continue;
    const { name } = layer;
    const weight = state.get(`${name}.weight`)!;
    if (layer.kind === "skip") {
      const options = { size, dilation: 1, poolStride: 0, input: "bits", precision } as const;
      const conv = scored.has(name) ? own(packConv(weight, options)) : undefined;
      layers.push({ kind: "skip", name, channels: layer.inputs, conv, bias: copyOf(`${name}.bias`) });
      continue;
    }
    const input = layers.length === 0 ? "bytes" : "bits";
    const { dilation } = layer;
    const conv = own(packConv(weight, { size: read, dilation, poolStride, input, precision }));
    const neurons = foldNeurons(model, name, { channels: layer.outputs, size, own });
    const padding = (dilation * (layer.kernelSize - 1)) / 2;
    layers.push(
      input === "bytes"
        ? { kind: "first", weight: copyOf(`${name}.weight`), padding, conv, neurons }
        : { kind: "hidden", conv, neurons },
    );
    read = size;
    poolStride = 0;
  }
  const stages = sized.stages.flatMap((stage): FusedStage[] => {
    if (!stage.fires) return [];
    const [channels, ...size] = stage.output;
    const weight = copyOf(`${stage.upsampler}.weight`);
    return [{ ...stage, weight, neurons: foldNeurons(model, stage.name, { channels, size, own }) }];
  });
  const readOut = own(model.copyReadOut());
  return { config, size: [height, width], plan, layers, stages, readOut, owned };
}

/** The skips whose scores are needed at every timestep; of the others the sum over time is enough. */
function scoredSkips({ decoder }: NetworkPlan): ReadonlySet<string> {
  const firing = (decoder?.stages ?? []).filter(({ fires }) => fires);
  return new Set(firing.length === 0 ? [] : [decoder!.deepest, ...firing.map(({ skip }) => skip)]);
}

/** The neurons of a layer, and what its currents pass through. */
function foldNeurons(
  model: SnnModel,
  name: string,
  {
    channels,
    size,
    own,
  }: Pick<FusedNeurons, "channels" | "size"> & { readonly own: (part: Tensor) => Tensor },
): FusedNeurons {
  const spread = expand(model.spikingLayers().get(name)!.threshold, [channels]);
  const threshold = own(clone(spread));
  const { scale, shift } = foldNorm(model.state(), name);
  return {
    ...{ name, channels, size, threshold },
    ...(scale && { scale: own(scale) }),
    ...(shift && { shift: own(shift) }),
  };
}
