/** Exponential moving average of weights: what a run evaluates and keeps where it is on. */
import { checkInteger, checkNumber } from "../checks/index.js";
import {
  clone,
  copyInto,
  detach,
  foreachAdd_,
  foreachMul_,
  keep,
  noGrad,
  scope,
  type Tensor,
} from "../engine/index.js";
import { ShapeError } from "../errors.js";

/**
 * Averages tensors that change from step to step:
 *
 *     a ← d·a + (1 − d)·x,   d = min(decay, (1 + n)/(10 + n)) at the n-th update from 0
 *
 * The ramp keeps the first steps from lingering (as TensorFlow's ExponentialMovingAverage does).
 *
 * @see Polyak & Juditsky 1992, doi 10.1137/0330046
 */
export class MovingAverage implements Disposable {
  readonly #decay: number;
  readonly #tensors: ReadonlyMap<string, Tensor>;
  readonly #averages: ReadonlyMap<string, Tensor>;
  #updates = 0;

  /**
   * @param tensors - floating-point tensors, such as a network's state; the caller's, only {@link swap} writes them
   * @param options - `decay`: d in [0, 1] after the ramp, such as 0.999
   * @throws OptionError unless the decay is in [0, 1]
   */
  constructor(tensors: ReadonlyMap<string, Tensor>, { decay }: { readonly decay: number }) {
    checkNumber("MovingAverage", "decay", decay, { least: 0, most: 1 });
    this.#decay = decay;
    this.#tensors = tensors;
    this.#averages = scope(
      "moving average",
      () => new Map([...tensors].map(([name, tensor]) => [name, keep(clone(detach(tensor)))])),
    );
  }

  /** Updates so far. */
  get updates(): number {
    return this.#updates;
  }

  /** The averages by name; owned by this. */
  averages(): ReadonlyMap<string, Tensor> {
    return this.#averages;
  }

  /** Takes the tensors' present values in. */
  update(): void {
    const decay = Math.min(this.#decay, (1 + this.#updates) / (10 + this.#updates));
    this.#updates += 1;
    noGrad(() => {
      const averages = [...this.#averages.values()];
      foreachMul_(averages, decay);
      foreachAdd_(averages, [...this.#tensors.values()], 1 - decay);
    });
  }

  /** Exchanges tensors and averages; a second call puts everything back. */
  swap(): void {
    scope("swap averages", () =>
      noGrad(() => {
        for (const [name, tensor] of this.#tensors) {
          const average = this.#averages.get(name)!;
          const value = clone(detach(tensor));
          copyInto(tensor, average);
          copyInto(average, value);
        }
      }),
    );
  }

  /**
   * Goes on from saved averages.
   *
   * @param saved - under the names of {@link averages}, whose values they replace; read, not kept
   * @param updates - done so far, 0 or more
   * @throws ShapeError if one is missing or of another shape; nothing is taken over then
   */
  load(saved: ReadonlyMap<string, Tensor>, updates: number): void {
    for (const [name, { shape }] of this.#averages) {
      if (`${saved.get(name)?.shape}` === `${shape}`) continue;
      throw new ShapeError(
        `moving average: expected [${shape}] for ${name}, received [${saved.get(name)?.shape ?? "nothing"}]; ` +
          "resume with the network of the checkpoint",
      );
    }
    checkInteger("moving average", "updates", updates, { least: 0 });
    noGrad(() => {
      for (const [name, average] of this.#averages) copyInto(average, saved.get(name)!);
    });
    this.#updates = updates;
  }

  /** Frees the averages; the tensors are their owner's. */
  dispose(): void {
    for (const tensor of this.#averages.values()) tensor.dispose();
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}
