/** What an SNN carries from one chunk of timesteps to the next: membranes and what the output has integrated. */
import { add, keep, type Tensor } from "../../engine/index.js";
import { DisposedTensorError, OptionError, ShapeError } from "../../errors.js";

/** Who advances a state, and by which frames. */
export interface StateUse {
  /** An `SnnModel`, or a `FusedSnn` made of one. */
  readonly network: object;
  /** `[N, C, H, W]` */
  readonly frame: readonly number[];
}

/**
 * Membranes of a spiking network between frames, and what its readout has summed: a stream goes on from it. The caller
 * disposes it.
 *
 * @example
 * ```ts
 * import { createModel, noGrad, SpikingState, scope } from "snnseg";
 * import { rand } from "snnseg/ops";
 *
 * const model = createModel({ kind: "snn", arch: "dl-vgg9", inputChannels: 2, numClasses: 3, timesteps: 3 });
 * model.setTraining(false);
 * const state = new SpikingState();
 * for (let t = 0; t < 3; t++)
 *   scope("frame", () => {
 *     noGrad(() => model.advance(rand([1, 1, 2, 16, 16], t), state)); // [T', N, C, H, W]
 *     console.log(state.step, model.readOut(state, [16, 16]).shape); // an answer after every frame
 *   });
 * for (const owned of [state, model]) owned.dispose();
 * ```
 */
export class SpikingState implements Disposable {
  /** Timesteps seen so far. */
  step = 0;
  readonly #membranes = new Map<string, Tensor>();
  readonly #integrals = new Map<string, Tensor>();
  #use: StateUse | undefined;
  #disposed = false;

  /**
   * Begins or goes on with a sequence of frames.
   *
   * @throws DisposedTensorError after disposal, OptionError if the state belongs to another network, ShapeError if the
   *   frames had another shape so far
   * @internal
   */
  use(operation: string, now: StateUse): void {
    this.#checkLive(operation);
    const before = this.#use ?? now;
    if (before.network !== now.network) throw new OptionError(`${operation}: ${anothers}`);
    if (before.frame.join() !== now.frame.join()) {
      throw new ShapeError(
        `${operation}: expected frames [${before.frame}] as in the timesteps before, received [${now.frame}]; ` +
          "begin another sequence with a new SpikingState",
      );
    }
    this.#use = now;
  }

  /**
   * Height and width of the frames that `network` has integrated.
   *
   * @throws OptionError if there are none yet or another network saw them, DisposedTensorError after disposal
   * @internal
   */
  seenBy(network: object): readonly [number, number] {
    this.#checkLive("readOut");
    if (this.#use === undefined || this.#integrals.size === 0) {
      throw new OptionError(
        "readOut: expected a state that has seen a timestep, received a new one; advance the network first",
      );
    }
    if (this.#use.network !== network) throw new OptionError(`readOut: ${anothers}`);
    const [height = 0, width = 0] = this.#use.frame.slice(2);
    return [height, width];
  }

  /**
   * v of a layer, `[N, C, H, W]`; `undefined` before the first timestep.
   *
   * @param layer - name of the spiking layer, such as `features.0`
   */
  membrane(layer: string): Tensor | undefined {
    this.#checkLive("membrane");
    return this.#membranes.get(layer);
  }

  /** @internal */
  setMembrane(layer: string, v: Tensor): void {
    this.#checkLive("setMembrane");
    this.#membranes.get(layer)?.dispose();
    this.#membranes.set(layer, keep(v));
  }

  /**
   * Sum over time of what flows into an integrating layer, `[N, C, h, w]`.
   *
   * @param name - `output`; where a decoder makes the scores, `decoder` or a skip's name
   * @throws OptionError if nothing has
   */
  integral(name: string): Tensor {
    this.#checkLive("integral");
    const sum = this.#integrals.get(name);
    if (sum !== undefined) return sum;
    throw new OptionError(`integral: expected a layer that has integrated something, received ${name}`);
  }

  /** Adds to {@link integral}; the first amount is taken over. @internal */
  integrate(name: string, amount: Tensor): void {
    this.#checkLive("integrate");
    const before = this.#integrals.get(name);
    this.#integrals.set(name, keep(before ? add(before, amount) : amount));
    before?.dispose();
  }

  /** Frees membranes and sums; the state cannot be used again. */
  dispose(): void {
    for (const tensor of [...this.#membranes.values(), ...this.#integrals.values()]) tensor.dispose();
    this.#membranes.clear();
    this.#integrals.clear();
    this.#disposed = true;
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }

  #checkLive(operation: string): void {
    if (!this.#disposed) return;
    throw new DisposedTensorError(
      `${operation}: expected a live state, received one that was disposed; begin with a new SpikingState`,
    );
  }
}

const anothers =
  "expected a state of this network, received another network's; give each network, a fused one too, a SpikingState of its own";
