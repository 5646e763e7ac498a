/** A map over the timesteps of a graph. */
import type { GraphBuilder, Value } from "./graph-builder.js";

/**
 * A map at each of T timesteps: as one value `[T·N, C, H, W]`, time first, for what knows no time; as T values `[N, C, H, W]` for
 * neurons; or as one `[N, C, H, W]` that is the same at all of them. Nodes between these are added when one is asked for.
 */
export class Signal {
  readonly steps: number;
  readonly #graph: GraphBuilder;
  readonly #constant: boolean;
  #folded: Value | undefined;
  #parts: readonly Value[] | undefined;
  #whole: Value | undefined;

  private constructor(
    graph: GraphBuilder,
    steps: number,
    has: {
      readonly folded?: Value | undefined;
      readonly parts?: readonly Value[] | undefined;
      readonly constant: boolean;
    },
  ) {
    this.#graph = graph;
    this.steps = steps;
    this.#folded = has.folded;
    this.#parts = has.parts;
    this.#constant = has.constant;
  }

  /** The same at every timestep. @param x - `[N, C, H, W]` */
  static constant(graph: GraphBuilder, steps: number, x: Value): Signal {
    return new Signal(graph, steps, { folded: x, constant: true });
  }

  /** @param x - `[T·N, C, H, W]` */
  static folded(graph: GraphBuilder, steps: number, x: Value): Signal {
    return new Signal(graph, steps, { folded: x, constant: steps === 1 });
  }

  /** @param parts - `[N, C, H, W]` each */
  static parts(graph: GraphBuilder, parts: readonly Value[]): Signal {
    return new Signal(graph, parts.length, { parts, constant: parts.length === 1 });
  }

  /** `[N, C, H, W]` at each timestep. */
  get parts(): readonly Value[] {
    if (this.#parts !== undefined) return this.#parts;
    const x = this.#folded!;
    this.#parts = this.#constant
      ? Array.from({ length: this.steps }, () => x)
      : this.#graph.split(x, this.steps, `${x}.t`);
    return this.#parts;
  }

  /** All that there is in one value, of which height, width and channels are a timestep's. */
  get value(): Value {
    return this.#constant ? (this.#folded ?? this.#parts![0]!) : this.#all();
  }

  /** Any value that has its height and width. */
  get sample(): Value {
    return this.#folded ?? this.#parts![0]!;
  }

  /** Of what knows no time, once for all timesteps. */
  map(operation: (x: Value) => Value): Signal {
    const y = operation(this.value);
    return this.#constant
      ? Signal.constant(this.#graph, this.steps, y)
      : Signal.folded(this.#graph, this.steps, y);
  }

  /** Of two that know no time. */
  with(other: Signal, operation: (x: Value, y: Value) => Value): Signal {
    if (this.#constant && other.#constant) return this.map((x) => operation(x, other.value));
    return Signal.folded(this.#graph, this.steps, operation(this.#all(), other.#all()));
  }

  /** `[T·N, C, H, W]` */
  #all(): Value {
    if (!this.#constant && this.#folded !== undefined) return this.#folded;
    this.#whole ??= this.#graph.node("Concat", this.parts, {
      name: `${this.parts[0]}.all`,
      attributes: { axis: 0 },
    });
    return this.#whole;
  }
}
