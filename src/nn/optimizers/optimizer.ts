/** What every optimizer is: it owns a state per parameter and updates the parameters in place. */

import { checkInteger, checkNumber } from "../../checks/index.js";
import { foreachMul_, keep, noGrad, scope, type Tensor, toDevice, zerosLike } from "../../engine/index.js";
import { DivergenceError, ShapeError } from "../../errors.js";
import { gradientNorm } from "./gradient-norm.js";

/** Parameters by their state-dict key. */
export type NamedParameters = ReadonlyMap<string, Tensor>;

/** Updates parameters from their gradients; parameters without a gradient stay as they are. */
export abstract class Optimizer implements Disposable {
  #lr = 0;
  /** Steps done. */
  steps = 0;
  /** What is trained; the caller's. */
  protected readonly parameters: NamedParameters;
  readonly #state = new Map<string, Tensor>();

  /**
   * @param parameters - leaves that require gradients, written by each step
   * @param lr - learning rate, 0 or more
   */
  protected constructor(parameters: NamedParameters, lr: number) {
    this.parameters = parameters;
    this.lr = lr;
  }

  /** Learning rate of the next step. */
  get lr(): number {
    return this.#lr;
  }

  /** @param value - from the next step on @throws OptionError unless it is a number of 0 or more */
  set lr(value: number) {
    checkNumber(this.constructor.name, "lr", value, { least: 0 });
    this.#lr = value;
  }

  /** One update from the gradients that backward left. */
  step(): void {
    this.steps += 1;
    scope("optimizer step", () =>
      noGrad(() => {
        const names: string[] = [];
        const values: Tensor[] = [];
        const gradients: Tensor[] = [];
        for (const [name, parameter] of this.parameters) {
          const gradient = parameter.grad;
          if (gradient === undefined) continue;
          names.push(name);
          values.push(parameter);
          gradients.push(gradient);
        }
        if (names.length > 0) this.update(names, values, gradients);
      }),
    );
  }

  /**
   * Makes the gradients' joint norm at most `norm`, by one factor for all.
   *
   *     g ← g · min(1, norm / ‖g‖),   ‖g‖ = √Σ g² over all elements of all parameters
   *
   * @param norm - above 0
   * @returns ‖g‖ as it was; 0 without gradients
   * @throws OptionError unless `norm` is above 0; DivergenceError if ‖g‖ is not finite, and nothing is changed then
   * @see Pascanu, Mikolov & Bengio 2013, arXiv:1211.5063
   */
  clipGradients(norm: number): number {
    const operation = this.constructor.name;
    checkNumber(operation, "norm", norm, { above: 0 });
    return scope("clip gradients", () => {
      const gradients = [...this.parameters.values()].flatMap(({ grad }) => grad ?? []);
      if (gradients.length === 0) return 0;
      const before = gradientNorm(gradients);
      if (!Number.isFinite(before)) {
        throw new DivergenceError(
          `${operation}: expected gradients of a finite norm, received ${before}; lower the learning rate`,
        );
      }
      if (before > norm) noGrad(() => foreachMul_(gradients, norm / before));
      return before;
    });
  }

  /** Frees all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters.values()) parameter.clearGrad();
  }

  /** The state by keys such as `momentum.features.0.weight`; owned by the optimizer. */
  state(): ReadonlyMap<string, Tensor> {
    return this.#state;
  }

  /**
   * Takes over a saved state.
   *
   * @param saved - tensors under the keys of {@link state}; owned by the optimizer from now on, which moves them to where the
   *   parameters are
   * @param steps - done so far, 0 or more
   * @throws ShapeError if a key belongs to no parameter or has another shape; nothing is taken over then
   */
  loadState(saved: ReadonlyMap<string, Tensor>, steps: number): void {
    checkInteger(this.constructor.name, "steps", steps, { least: 0 });
    for (const [key, tensor] of saved) {
      const parameter = this.#parameterOf(key);
      if (parameter === undefined || `${parameter.shape}` !== `${tensor.shape}`) {
        throw new ShapeError(
          `optimizer: expected a state of shape [${parameter?.shape ?? "no such parameter"}] for ${key}, ` +
            `received [${tensor.shape}]; resume with the architecture of the checkpoint`,
        );
      }
    }
    this[Symbol.dispose]();
    for (const [key, tensor] of saved) {
      const { device } = this.#parameterOf(key)!;
      const placed = tensor.device === device ? tensor : toDevice(tensor, device);
      this.#state.set(key, keep(placed));
      if (placed !== tensor) tensor.dispose();
    }
    this.steps = steps;
  }

  /** @param key - of a state, such as `momentum.features.0.weight` */
  #parameterOf(key: string): Tensor | undefined {
    return this.parameters.get(key.slice(key.indexOf(".") + 1));
  }

  /** Frees the state; the parameters are the caller's. */
  [Symbol.dispose](): void {
    for (const tensor of this.#state.values()) tensor.dispose();
    this.#state.clear();
  }

  /**
   * The update itself, inside a scope and without recording.
   *
   * @param names - keys of the parameters that have a gradient
   * @param values - these parameters, to be written in place
   * @param gradients - of each, of its shape
   */
  protected abstract update(
    names: readonly string[],
    values: readonly Tensor[],
    gradients: readonly Tensor[],
  ): void;

  /**
   * The states `kind` of these parameters, zeros where there are none yet.
   *
   * @param kind - such as `momentum`: what comes before the dot in {@link state}
   * @param names - keys of the parameters
   * @param values - the parameters, whose shapes the states have
   * @returns the states themselves, to be written in place
   */
  protected stateOf(kind: string, names: readonly string[], values: readonly Tensor[]): Tensor[] {
    return names.map((name, i) => {
      const key = `${kind}.${name}`;
      const known = this.#state.get(key);
      if (known !== undefined) return known;
      const fresh = keep(zerosLike(values[i]!));
      this.#state.set(key, fresh);
      return fresh;
    });
  }
}
