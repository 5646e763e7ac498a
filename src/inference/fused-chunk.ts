/** The layers of a fused network over one chunk of timesteps. */
import { clone, conv2d, expand, flatten, full, mul, narrow, permute, type Tensor } from "../engine/index.js";
import { type LayerSpikes, mostSteps, type SnnConfig, type SpikingState } from "../models/index.js";
import type { FusedLayer, FusedNeurons } from "./fused-parts.js";
import { type FiredBits, type FoldedNeurons, lifSpikes, packBytes, spikeConvLif } from "./spike-ops.js";

/** One chunk of timesteps on its way through the layers. */
export class FusedChunk {
  readonly activity: LayerSpikes[] = [];
  readonly #config: SnnConfig;
  readonly #state: SpikingState;
  readonly #steps: number;
  readonly #batch: number;
  readonly #carry: boolean;

  constructor(
    config: SnnConfig,
    state: SpikingState,
    { steps, batch, carry }: { readonly steps: number; readonly batch: number; readonly carry: boolean },
  ) {
    this.#carry = carry;
    this.#config = config;
    this.#state = state;
    this.#steps = steps;
    this.#batch = batch;
  }

  /** Real numbers go through libtorch's convolution, small integers such as Poisson spikes through the kernels. */
  first(layer: Extract<FusedLayer, { kind: "first" }>, input: Tensor, constant: boolean): Tensor {
    const { conv, weight, padding, neurons } = layer;
    const frames = constant ? input : flatten(input, 0, 1);
    const bytes = constant ? undefined : packBytes(frames);
    return this.fire(neurons, (folded) =>
      bytes
        ? spikeConvLif(conv, bytes, this.#steps, folded)
        : lifSpikes(conv2d(frames, weight, { padding }), this.#steps, { ...folded, constant }),
    );
  }

  hidden({ conv, neurons }: Extract<FusedLayer, { kind: "hidden" }>, bits: Tensor): Tensor {
    return this.fire(neurons, (folded) => spikeConvLif(conv, bits, this.#steps, folded));
  }

  /** Runs a layer's neurons on their membranes and notes what they fired. */
  fire(neurons: FusedNeurons, run: (folded: FoldedNeurons) => FiredBits): Tensor {
    const { name, channels, size, threshold } = neurons;
    const { leak, reset } = this.#config;
    const membrane = this.#carry ? this.#membrane(neurons) : undefined;
    const { bits, counts } = run({
      threshold,
      membrane,
      leak,
      hardReset: reset === "hard",
      scale: neurons.scale && this.#rows(neurons.scale, channels),
      shift: neurons.shift && this.#rows(neurons.shift, channels),
    });
    this.activity.push({
      name,
      neurons: channels * size[0] * size[1],
      spikes: counts.toNumbers(),
    });
    return bits;
  }

  /** The rows of this chunk's timesteps. */
  #rows(folded: Tensor, channels: number): Tensor {
    if (folded.shape[0] === 1 && !Number.isFinite(mostSteps(this.#config)))
      return expand(folded, [this.#steps, channels]);
    return narrow(folded, 0, this.#state.step, this.#steps);
  }

  /** `[N, H, W, C]`, which the kernels overwrite; the state holds a view of it as `[N, C, H, W]`. */
  #membrane({ name, channels, size, threshold }: FusedNeurons): Tensor {
    const known = this.#state.membrane(name);
    if (known) return permute(known, [0, 2, 3, 1]);
    const { initialMembrane = 0 } = this.#config;
    const shape = [this.#batch, ...size, channels];
    const fresh =
      initialMembrane === 0 ? full(shape, 0) : clone(expand(mul(threshold, initialMembrane), shape));
    this.#state.setMembrane(name, permute(fresh, [0, 3, 1, 2]));
    return fresh;
  }
}
