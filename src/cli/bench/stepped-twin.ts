/**
 * The plain twin of a spiking network: one timestep after another, each layer by libtorch's own fp32 operators, as the
 * reference code computes. It counts nothing, so that benchmarks compare with no more than the work itself.
 */
import {
  add,
  avgPool2d,
  batchNorm,
  conv2d,
  convTranspose2d,
  div,
  gt,
  keep,
  mul,
  noGrad,
  reshape,
  resizeBilinear,
  scope,
  select,
  sub,
  type Tensor,
  toDType,
  zerosLike,
} from "../../engine/index.js";
import { companion, planNetwork, type SnnModel } from "../../models/index.js";
import { BATCH_NORM_EPS, BATCH_NORM_MOMENTUM } from "../../nn/index.js";

/** What neurons of one layer carry along. */
class Membranes implements Disposable {
  readonly #all = new Map<string, Tensor>();

  get(name: string): Tensor | undefined {
    return this.#all.get(name);
  }

  set(name: string, v: Tensor): void {
    this.#all.get(name)?.dispose();
    this.#all.set(name, keep(v));
  }

  [Symbol.dispose](): void {
    for (const tensor of this.#all.values()) tensor.dispose();
  }
}

/** One step of LIF neurons: u = λ·v + i, s = Θ(u/ϑ − 1), v = u − ϑ·s. */
export function plainStep(
  current: Tensor,
  v: Tensor,
  { leak, threshold }: { readonly leak: number; readonly threshold: Tensor },
): { readonly spikes: Tensor; readonly v: Tensor } {
  const u = add(mul(v, leak), current);
  const spikes = toDType(gt(sub(div(u, threshold), 1), 0), "float32");
  return { spikes, v: sub(u, mul(spikes, threshold)) };
}

/**
 * Scores of a network with soft reset whose membranes start at 0.
 *
 * @param frames - `[T, N, C, H, W]`
 * @returns `[N, K, H, W]`
 */
export function steppedForward(model: SnnModel, frames: Tensor): Tensor {
  return scope("twin", () => noGrad(() => run(model, frames)));
}

function run(model: SnnModel, frames: Tensor): Tensor {
  const { leak } = model.config;
  const plan = planNetwork(model.config);
  const state = model.state();
  const neurons = model.spikingLayers();
  const [steps = 0, , , height = 0, width = 0] = frames.shape;
  using membranes = new Membranes();
  const fire = (name: string, current: Tensor): Tensor => {
    const { threshold } = neurons.get(name)!;
    const v = membranes.get(name) ?? zerosLike(current);
    const result = plainStep(current, v, { leak, threshold: reshape(threshold, [-1, 1, 1]) });
    membranes.set(name, result.v);
    return result.spikes;
  };
  const integrate = (current: Tensor) => {
    const v = membranes.get("output");
    membranes.set("output", v ? add(v, current) : current);
  };
  for (let t = 0; t < steps; t++) {
    scope("timestep", () => {
      let x = select(frames, 0, t);
      const scores: Tensor[] = [];
      for (const layer of plan.layers) {
        if (layer.kind === "pool") {
          const before = x;
          x = avgPool2d(before, { kernelSize: 3, stride: layer.stride, padding: 1 });
          before.dispose();
          continue;
        }
        const weight = state.get(`${layer.name}.weight`)!;
        const bias = state.get(`${layer.name}.bias`);
        if (layer.kind === "skip") {
          scores.push(conv2d(x, weight, { bias }));
          continue;
        }
        const { name, kernelSize, dilation } = layer;
        const before = x;
        x = scope("layer", () => {
          const padding = (dilation * (kernelSize - 1)) / 2;
          const current = conv2d(before, weight, { bias, dilation, padding });
          return fire(name, normalized(state, { name, t }, current));
        });
        before.dispose();
      }
      if (plan.output) {
        const { name } = plan.output;
        integrate(conv2d(x, state.get(`${name}.weight`)!, { bias: state.get(`${name}.bias`) }));
        return;
      }
      x = scores.pop()!;
      for (let stage = 0; stage < 3; stage++) {
        const skip = scores.pop()!;
        const [h = 0, w = 0] = skip.shape.slice(-2);
        const raised = convTranspose2d(x, state.get(`upsample.${stage}.0.weight`)!, { stride: 2 });
        const current = add(resizeBilinear(raised, [h, w]), skip);
        if (stage < 2) x = fire(`upsample.${stage}`, current);
        else integrate(current);
      }
    });
  }
  const sum = membranes.get("output")!;
  return plan.output ? resizeBilinear(mul(sum, 1 / steps), [height, width]) : mul(sum, 1);
}

function normalized(
  state: Map<string, Tensor>,
  { name, t }: { readonly name: string; readonly t: number },
  current: Tensor,
): Tensor {
  const part = (key: string) => state.get(`${companion("bn", name)}.${key}`);
  const weight = part("weight");
  if (weight === undefined) return current;
  return batchNorm(current, {
    weight: select(weight, 0, t),
    runningMean: select(part("running_mean")!, 0, t),
    runningVar: select(part("running_var")!, 0, t),
    training: false,
    momentum: BATCH_NORM_MOMENTUM,
    eps: BATCH_NORM_EPS,
  });
}
