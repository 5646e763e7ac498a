/** `Module`: named parameters, buffers and children, as in PyTorch, owned and freed together. */

import { copyInto, keep, type NamedArray, noGrad, scope, type Tensor, tensorFrom } from "../engine/index.js";
import { OptionError, ShapeError } from "../errors.js";

/**
 * A part of a network. It owns its tensors: they outlive scopes until `dispose`. Constructors make what may fail with
 * {@link Module.build}.
 *
 * @example
 * ```ts
 * import { Conv2d, Module } from "snnseg/nn";
 * import { ones } from "snnseg/ops";
 *
 * class Head extends Module {
 *   scale = this.parameter("scale", ones([1]));
 *   conv = this.child("conv", new Conv2d({ inputs: 8, outputs: 2, kernelSize: 1, init: "xavier", seed: 1, device: "cpu" }));
 * }
 * const head = new Head();
 * console.log([...head.state().keys()]); // scale, conv.weight
 * head.dispose();
 * ```
 */
export class Module implements Disposable {
  readonly #parameters = new Map<string, Tensor>();
  readonly #buffers = new Map<string, Tensor>();
  readonly #children = new Map<string, Module>();
  #training = true;

  /**
   * Registers a tensor that is trained.
   *
   * @param name - its key in {@link state}, behind the prefixes of the modules that this one is part of
   * @param value - a leaf of floating point, which is returned; owned by the module from now on
   * @throws OptionError if the name is taken; the tensor stays the caller's then
   */
  protected parameter(name: string, value: Tensor): Tensor {
    this.#checkFree(name);
    this.#parameters.set(name, keep(value.setRequiresGrad(true)));
    return value;
  }

  /**
   * Registers a tensor that is state but not trained; a second one of the name takes the place of the first, which is
   * freed.
   *
   * @param name - its key in {@link state}
   * @param value - any type, which is returned; owned by the module from now on
   * @throws OptionError if a parameter or part has the name; the tensor stays the caller's then
   */
  protected buffer(name: string, value: Tensor): Tensor {
    const before = this.#buffers.get(name);
    if (before === undefined) this.#checkFree(name);
    this.#buffers.set(name, keep(value));
    if (before !== value) before?.dispose();
    return value;
  }

  /**
   * Registers a part; its tensors get the prefix `name.`. A part with two names is one part: its tensors count once,
   * under the first.
   *
   * @param name - the prefix, such as `features.0`
   * @param module - which is returned; owned by this from now on
   * @throws OptionError if the name is taken, or the part contains this module; it stays the caller's then
   */
  protected child<M extends Module>(name: string, module: M): M {
    this.#checkFree(name);
    if (module.#contains(this)) {
      throw new OptionError(
        `${this.constructor.name}: expected a part for ${name} that does not contain the whole`,
      );
    }
    this.#children.set(name, module);
    return module;
  }

  /**
   * Makes something in the constructor, after the first registration: if that fails, the module frees what it owns, as
   * nobody else can.
   *
   * @param make - runs at once; what it gives is returned, what it throws is passed on
   */
  protected build<T>(make: () => T): T {
    try {
      return make();
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  #checkFree(name: string): void {
    if (!this.#parameters.has(name) && !this.#buffers.has(name) && !this.#children.has(name)) return;
    throw new OptionError(
      `${this.constructor.name}: expected a name that no parameter, buffer or part has yet, received ${name}`,
    );
  }

  #contains(module: Module): boolean {
    return this === module || [...this.#children.values()].some((child) => child.#contains(module));
  }

  /** Whether batch statistics are used and updated. */
  get training(): boolean {
    return this.#training;
  }

  /**
   * Switches this module and its parts between training and evaluation.
   *
   * @param training - false for evaluation; modules begin in training
   */
  setTraining(training: boolean): void {
    this.#training = training;
    for (const module of this.#children.values()) module.setTraining(training);
  }

  /** All trained tensors by name, children's in the order of registration, each once. */
  parameters(): Map<string, Tensor> {
    return this.#collect((module) => module.#parameters);
  }

  /** All untrained state by name, each tensor once. */
  buffers(): Map<string, Tensor> {
    return this.#collect((module) => module.#buffers);
  }

  /** Parameters and buffers: what a checkpoint holds. */
  state(): Map<string, Tensor> {
    return new Map([...this.parameters(), ...this.buffers()]);
  }

  #collect(own: (module: Module) => Map<string, Tensor>): Map<string, Tensor> {
    const all = new Map<string, Tensor>();
    const seen = new Set<Tensor>();
    const visit = (module: Module, prefix: string) => {
      for (const [name, tensor] of own(module)) {
        if (!seen.has(tensor)) all.set(prefix + name, tensor);
        seen.add(tensor);
      }
      for (const [name, child] of module.#children) visit(child, `${prefix}${name}.`);
    };
    visit(this, "");
    return all;
  }

  /** Frees every tensor of the module and its parts; harmless when done twice. */
  dispose(): void {
    for (const tensor of [...this.#parameters.values(), ...this.#buffers.values()]) tensor.dispose();
    for (const module of this.#children.values()) module.dispose();
  }

  /** {@link dispose}, for `using`. */
  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Names that a module and the values for it do not share. */
export interface StateDifference {
  /** Tensors of the module that no value names; they stay as they were. */
  readonly missing: readonly string[];
  /** Values that name no tensor of the module; they are left out. */
  readonly unexpected: readonly string[];
}

/**
 * Overwrites the tensors of `module` that `values` names; shapes must agree.
 *
 * @param module - a network or a part of one
 * @param values - floating point, by the names of `module.state()`, such as `features.0.weight`; read, never written
 * @returns what was missing and what was left over
 * @throws ShapeError on the first tensor of another shape, OptionError on the first of a type without
 * fractions; nothing is overwritten then
 * @example
 * ```ts
 * import { Conv2d, loadState, readState } from "snnseg/nn";
 *
 * const trained = new Conv2d({ inputs: 3, outputs: 8, kernelSize: 3, init: "xavier", seed: 1, device: "cpu" });
 * const copy = new Conv2d({ ...trained.settings, seed: undefined }); // all 0
 * const { missing, unexpected } = loadState(copy, readState(trained));
 * console.log(missing, unexpected); // [] []
 * for (const conv of [trained, copy]) conv.dispose();
 * ```
 */
export function loadState(module: Module, values: ReadonlyMap<string, NamedArray>): StateDifference {
  const state = module.state();
  for (const [name, { shape, dtype }] of values) {
    const target = state.get(name);
    if (target === undefined) continue;
    if (target.shape.join() !== shape.join()) {
      throw new ShapeError(`${name}: expected [${target.shape}], received [${shape}]`);
    }
    if (!dtype.includes("float")) {
      throw new OptionError(
        `${name}: expected values of a floating-point type, received ${dtype}; convert them, or take another file`,
      );
    }
  }
  for (const [name, value] of values) {
    const target = state.get(name);
    if (target === undefined) continue;
    scope("load state", () => {
      noGrad(() => copyInto(target, tensorFrom(value.data, value.shape, value.dtype)));
    });
  }
  return {
    missing: [...state.keys()].filter((name) => !values.has(name)),
    unexpected: [...values.keys()].filter((name) => !state.has(name)),
  };
}

/** Copies the tensors of `module` out of the engine. @param module - from any device */
export function readState(module: Module): Map<string, NamedArray> {
  const values = new Map<string, NamedArray>();
  for (const [name, tensor] of module.state()) {
    values.set(name, { dtype: tensor.dtype, shape: tensor.shape, data: tensor.toArray() });
  }
  return values;
}
