/** The ReLUs of a layer. */
import { type ActiveLayer, type ActiveOptions, rowOf } from "./firing-layer.js";
import { padded } from "./kernels/kernels.js";
import type { WebStep } from "./model.js";
import type { WebActivity } from "./network.js";

/** ReLUs have no state; what they send are values. */
export class ReluLayer implements ActiveLayer {
  readonly #step: Extract<WebStep, { kind: "relu" }>;
  readonly #options: ActiveOptions;
  #above = 0;
  #total = 0;

  constructor(step: Extract<WebStep, { kind: "relu" }>, options: ActiveOptions) {
    this.#step = step;
    this.#options = options;
  }

  begin(): void {
    this.#total = 0;
  }

  run(t: number): void {
    const { kernels, affine, from, to, channels, size } = this.#options;
    const rows = [rowOf(affine.scale, t), rowOf(affine.shift, t)] as const;
    const pixels = size[0] * size[1];
    this.#above = kernels.relu(from, pixels, padded(channels), ...rows, this.#step.slope, to);
    this.#total += this.#above;
  }

  activity(): WebActivity {
    const { kernels, to, channels, size } = this.#options;
    const [pixels, stride] = [size[0] * size[1], padded(channels)];
    const values = new Float32Array(kernels.memory.buffer, to, pixels * stride);
    const map = Float32Array.from({ length: pixels }, (_, p) => {
      let above = 0;
      for (let c = 0; c < channels; c++) if (values[p * stride + c]! > 0) above++;
      return above;
    });
    return {
      ...{ name: this.#step.name, shape: [channels, ...size] },
      ...{ spikes: this.#above, total: this.#total, map },
    };
  }
}
