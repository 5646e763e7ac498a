/** Compiles a spiking network for fused inference: weights packed, batch norm and biases folded. */
import { checkInteger, checkKeys, LARGEST_INT } from "../checks/index.js";
import {
  add,
  allFinite,
  clone,
  detach,
  div,
  expand,
  keep,
  mul,
  noGrad,
  scope,
  sqrt,
  type Tensor,
  unsqueeze,
} from "../engine/index.js";
import { OptionError } from "../errors.js";
import {
  companion,
  type ForwardNetwork,
  type NetworkPlan,
  planNetwork,
  SnnModel,
  sizePlan,
} from "../models/index.js";
import { BATCH_NORM_EPS } from "../nn/index.js";
import type { FusedLayer, FusedNeurons, FusedStage } from "./fused-parts.js";
import { FusedSnn } from "./fused-snn.js";
import { fusionObstacle } from "./fusible.js";
import { checkPrecision, type FusedPrecision, packConv } from "./spike-ops.js";

export interface FuseOptions {
  readonly height: number;
  readonly width: number;
  readonly precision: FusedPrecision;
}

const optionKeys = new Set(["height", "width", "precision"]);

/**
 * Compiles a network in its present state for inputs of one size. It computes what evaluation computes, up to the error
 * of the precision; later changes of the network's weights are not seen. The network must outlive the result.
 *
 * @throws OptionError if the kernels cannot run the network (`fusionObstacle` says why), one of its tensors has a value
 *   that is not finite, or an option is unknown or out of its range
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
  return scope("fuse", () =>
    noGrad(() => {
      const layers: FusedLayer[] = [];
      const { config } = model;
      const state = model.state();
      for (const [name, tensor] of state) checkFinite(name, tensor);
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
        // The kernels run no plan with joins.
        if (layer.kind === "keep" || layer.kind === "join") continue;
        const { name } = layer;
        const weight = state.get(`${name}.weight`)!;
        if (layer.kind === "skip") {
          const options = { size, dilation: 1, poolStride: 0, input: "bits", precision } as const;
          const conv = scored.has(name) ? keep(packConv(weight, options)) : undefined;
          layers.push({ kind: "skip", name, channels: layer.inputs, conv, bias: state.get(`${name}.bias`)! });
          continue;
        }
        const input = layers.length === 0 ? "bytes" : "bits";
        const { dilation } = layer;
        const conv = keep(packConv(weight, { size: read, dilation, poolStride, input, precision }));
        const neurons = foldNeurons(model, name, { channels: layer.outputs, size });
        const padding = (dilation * (layer.kernelSize - 1)) / 2;
        layers.push(
          input === "bytes"
            ? { kind: "first", weight, padding, conv, neurons }
            : { kind: "hidden", conv, neurons },
        );
        read = size;
        poolStride = 0;
      }
      const stages = sized.stages.flatMap((stage): FusedStage[] => {
        if (!stage.fires) return [];
        const [channels, ...size] = stage.output;
        const weight = state.get(`${stage.upsampler}.weight`)!;
        return [{ ...stage, weight, neurons: foldNeurons(model, stage.name, { channels, size }) }];
      });
      return new FusedSnn(model, { size: [height, width], plan, layers, stages });
    }),
  );
}

/** The skips whose scores are needed at every timestep; of the others the sum over time is enough. */
function scoredSkips({ decoder }: NetworkPlan): ReadonlySet<string> {
  const firing = (decoder?.stages ?? []).filter(({ fires }) => fires);
  return new Set(firing.length === 0 ? [] : [decoder!.deepest, ...firing.map(({ skip }) => skip)]);
}

function checkFinite(name: string, tensor: Tensor): void {
  if (allFinite(tensor)) return;
  throw new OptionError(
    `fuseSnn: expected finite values in ${name}, received NaN or infinity; the training diverged, take an earlier checkpoint`,
  );
}

/**
 * Batch norm in evaluation and the convolution's bias b as one factor and one offset per step and channel:
 *
 *     scale[t] = γ[t] / sqrt(var[t] + ε),  shift[t] = scale[t]·(b − mean[t])
 */
function foldNeurons(
  model: SnnModel,
  name: string,
  { channels, size }: Pick<FusedNeurons, "channels" | "size">,
): FusedNeurons {
  const state = model.state();
  const spread = expand(model.spikingLayers().get(name)!.threshold, [channels]);
  const threshold = keep(detach(clone(spread)));
  const bias = state.get(`${name}.bias`);
  const norm = (part: string) => state.get(`${companion("bn", name)}.${part}`);
  const gamma = norm("weight");
  const common = { name, channels, size, threshold };
  if (gamma === undefined) {
    return bias === undefined ? common : { ...common, shift: keep(detach(unsqueeze(clone(bias), 0))) };
  }
  const scale = div(gamma, sqrt(add(norm("running_var")!, BATCH_NORM_EPS)));
  const negative = mul(norm("running_mean")!, -1);
  const shift = mul(bias === undefined ? negative : add(negative, bias), scale);
  return { ...common, scale: keep(detach(scale)), shift: keep(detach(shift)) };
}
