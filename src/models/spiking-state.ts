/** What an SNN carries from one chunk of timesteps to the next: membranes and what the output has integrated. */
import { add, keep, type Tensor } from "../engine/index.js";

export class SpikingState implements Disposable {
  /** Timesteps seen so far. */
  step = 0;
  readonly #membranes = new Map<string, Tensor>();
  readonly #integrals = new Map<string, Tensor>();

  /** v of a layer, `[N, C, H, W]`; `undefined` before the first timestep. */
  membrane(layer: string): Tensor | undefined {
    return this.#membranes.get(layer);
  }

  setMembrane(layer: string, v: Tensor): void {
    this.#membranes.get(layer)?.dispose();
    this.#membranes.set(layer, keep(v));
  }

  /** Sum over time of what flows into an integrating layer. */
  integral(name: string): Tensor {
    return this.#integrals.get(name)!;
  }

  integrate(name: string, amount: Tensor): void {
    const before = this.#integrals.get(name);
    this.#integrals.set(name, keep(before ? add(before, amount) : amount));
    before?.dispose();
  }

  dispose(): void {
    for (const tensor of [...this.#membranes.values(), ...this.#integrals.values()]) tensor.dispose();
    this.#membranes.clear();
    this.#integrals.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
