/** Running means per channel over tensors of any number of leading axes. */
import { scope, sum, type Tensor } from "../engine/index.js";

export class ChannelMeans {
  #sums = new Float64Array();
  #perChannel = 0;

  /** @param x - `[..., C, H, W]` */
  add(x: Tensor): void {
    const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== x.shape.length - 3);
    const sums = scope("channel sums", () => sum(x, axes, { dtype: "float64" }).toArray()) as Float64Array;
    if (this.#sums.length === 0) this.#sums = new Float64Array(sums.length);
    for (const [c, value] of sums.entries()) this.#sums[c]! += value;
    this.#perChannel += x.numel / sums.length;
  }

  means(): Float32Array {
    return Float32Array.from(this.#sums, (value) => value / this.#perChannel);
  }
}
