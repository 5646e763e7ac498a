/** `QuantizedRelu`: a ReLU of few levels below a learnt bound, for networks that are going to be converted. */
import { checkInteger } from "../checks/index.js";
import { add, call, detach, div, full, mul, scope, sub, type Tensor } from "../engine/index.js";
import { Module } from "./module.js";

/** λ before training: pre-activations of unit variance seldom lie above. */
const initialBound = 4;

/**
 * Quantisation, clip, floor, shift (QCFS): what a spiking neuron with threshold λ and initial membrane λ/2 gives in
 * T = L timesteps of constant input.
 *
 *     h(x) = λ/L · clip(⌊x·L/λ + 1/2⌋, 0, L)
 *
 * Backward takes the floor for the identity (straight through), so dh/dx = 1 where 0 < x < λ, else 0, and dh/dλ is
 * the derivative of the same.
 *
 * @see Bu, Fang, Ding, Dai, Yu & Huang 2022, "Optimal ANN-SNN conversion for high-accuracy and ultra-low-latency
 *   spiking neural networks", arXiv:2303.04347
 */
export class QuantizedRelu extends Module {
  /** L. */
  readonly levels: number;
  /** λ, `[1]`, above 0. */
  readonly bound: Tensor;

  /**
   * @param settings - `levels`: L; `device`: `cpu`, `cuda`, `cuda:1` …
   * @throws OptionError unless `levels` is an integer of 1 or more
   */
  constructor({ levels, device }: { readonly levels: number; readonly device: string }) {
    super();
    checkInteger("QuantizedRelu", "levels", levels);
    this.levels = levels;
    this.bound = this.parameter("bound", full([1], initialBound, { device }));
  }

  /** h(x), of the shape of `x`. @param x - any shape, float32 */
  forward(x: Tensor): Tensor {
    return scope("quantized relu", () => {
      const share = call("aten::clamp", [div(x, this.bound), 0, 1]);
      const level = call("aten::floor", [add(mul(detach(share), this.levels), 0.5)]);
      const rounding = sub(mul(level, 1 / this.levels), detach(share));
      return mul(add(share, rounding), this.bound);
    });
  }
}
