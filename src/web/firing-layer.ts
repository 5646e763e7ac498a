/** The neurons of a layer: thresholds and membranes in memory, and what they sent. */
import { ShapeError } from "../errors.js";
import type { Arena } from "./kernels/arena.js";
import type { Address, Kernels } from "./kernels/kernels.js";
import { padded } from "./kernels/kernels.js";
import { channelLayout, channelsLast } from "./kernels/weight-layout.js";
import type { LoadedAffine } from "./load-weights.js";
import type { MapSize } from "./map-sizes.js";
import type { FireStep } from "./model.js";
import type { BeginOptions, WebActivity } from "./network.js";

/** A layer that sends something. */
export interface ActiveLayer {
  begin(options: BeginOptions): void;
  run(t: number): void;
  activity(): WebActivity;
}

/** What layers of both kinds are made from. */
export interface ActiveOptions {
  readonly kernels: Kernels;
  readonly arena: Arena;
  readonly affine: LoadedAffine;
  readonly from: Address;
  readonly to: Address;
  readonly channels: number;
  readonly size: MapSize;
}

/** Neurons that send spikes or integers. */
export class FiringLayer implements ActiveLayer {
  readonly #step: FireStep;
  readonly #options: ActiveOptions;
  /** ϑ as trained, channels last and padded; `[1, 1, C]` or one each. */
  readonly #trained: Float32Array;
  readonly #threshold: Address;
  readonly #membrane: Address;
  readonly #sums: Address;
  #leak: number;
  #spikes = 0;
  #total = 0;

  /** @throws ShapeError if the layer has a threshold for each neuron of another size */
  constructor(
    step: FireStep,
    threshold: { readonly shape: readonly number[]; readonly data: Float32Array },
    options: ActiveOptions,
  ) {
    const { channels, size, arena } = options;
    const pixels = size[0] * size[1];
    if (threshold.shape.length === 3 && threshold.shape.slice(1).join() !== size.join()) {
      throw new ShapeError(
        `begin: expected the size that the network was trained with, as each neuron of ${step.name} has a threshold of its own, received one that makes its map ${size.join("x")} instead of ${threshold.shape.slice(1).join("x")}; take that size`,
      );
    }
    this.#step = step;
    this.#options = options;
    this.#trained =
      threshold.shape.length === 3
        ? channelsLast(threshold.data, channels, new Float32Array(pixels * padded(channels)).fill(1))
        : channelLayout(threshold.data, channels, 1);
    this.#leak = step.leak;
    this.#threshold = arena.room(4 * this.#trained.length);
    this.#membrane = arena.room(4 * pixels * padded(channels));
    this.#sums = arena.room(4 * pixels);
  }

  begin({ thresholdFactor = 1, leak = this.#step.leak, keepMembranes = false }: BeginOptions): void {
    const threshold = this.#trained.map((theta) => theta * thresholdFactor);
    this.#floats(this.#threshold, threshold.length).set(threshold);
    this.#leak = leak;
    this.#total = 0;
    if (!keepMembranes) this.#rest(threshold);
  }

  #rest(threshold: Float32Array): void {
    const { channels, size } = this.#options;
    const stride = padded(channels);
    const v = this.#floats(this.#membrane, size[0] * size[1] * stride);
    const { initialMembrane } = this.#step;
    v.fill(0);
    if (initialMembrane === 0) return;
    for (let i = 0; i < v.length; i++) {
      if (i % stride < channels) v[i] = initialMembrane * threshold[i % threshold.length]!;
    }
  }

  run(t: number): void {
    const { kernels, affine, from, to, channels, size } = this.#options;
    const { levels, reset } = this.#step;
    const pixels = size[0] * size[1];
    const perNeuron = Number(this.#trained.length > padded(channels));
    this.#spikes = kernels.fire(
      ...([from, pixels, padded(channels), rowOf(affine.scale, t), rowOf(affine.shift, t)] as const),
      ...([this.#threshold, perNeuron, this.#leak, levels, Number(reset === "hard")] as const),
      ...([this.#membrane, to] as const),
    );
    this.#total += this.#spikes;
  }

  activity(): WebActivity {
    const { kernels, to, channels, size } = this.#options;
    const pixels = size[0] * size[1];
    kernels.sumChannels(to, pixels, padded(channels), this.#sums);
    return {
      ...{ name: this.#step.name, shape: [channels, ...size] },
      ...{ spikes: this.#spikes, total: this.#total, map: this.#floats(this.#sums, pixels).slice() },
    };
  }

  #floats(at: Address, length: number): Float32Array {
    return new Float32Array(this.#options.kernels.memory.buffer, at, length);
  }
}

/** The row of a timestep; behind the last it stays. */
export const rowOf = (rows: readonly Address[], t: number): Address => rows[Math.min(t, rows.length - 1)]!;
