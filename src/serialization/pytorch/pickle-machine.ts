/**
 * A machine for Python's pickles that can build data and do nothing else.
 *
 * Names are never looked up anywhere: a file may name only what the caller's table holds, and each of these is a
 * function written here, in TypeScript, that builds data. Time and memory are bounded by the length of the pickle.
 */
import type { PickleCursor } from "./pickle-cursor.js";

/** What a name in a file stands for: a function that builds data, or only a label such as a storage type. */
export class PickleName {
  readonly build: ((args: readonly unknown[], machine: PickleMachine) => unknown) | undefined;
  constructor(build?: (args: readonly unknown[], machine: PickleMachine) => unknown) {
    this.build = build;
  }
}

/** Something built that takes a state afterwards; `setState` says whether it is one it understands. */
export abstract class PickleStateful {
  abstract setState(state: unknown): boolean;
}

/** What a file may refer to. */
export interface PickleRules {
  /** The names it may use, as `module name`. */
  readonly names: ReadonlyMap<string, PickleName>;
  /** Turns a persistent id into what it stands for; without it such ids are refused. */
  readonly persistent?: (id: unknown, machine: PickleMachine) => unknown;
}

/** Work beyond one step an instruction that `n` bytes of pickle may cause: `stepsPerByte·n + spareSteps`. */
const stepsPerByte = 4;
const spareSteps = 10_000;
/** Dicts, lists, byte strings and references to them: a byte each in the file, hundreds in memory. */
const mostObjects = 1_000_000;
const mark = Symbol("mark");

/** The state of one run: stack, memo, and what is left of the work that the file's length justifies. */
export class PickleMachine {
  readonly cursor: PickleCursor;
  readonly #rules: PickleRules;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  #budget: number;
  #objects = 0;

  constructor(cursor: PickleCursor, rules: PickleRules) {
    this.cursor = cursor;
    this.#rules = rules;
    this.#budget = stepsPerByte * (cursor.bytes.length - cursor.position) + spareSteps;
  }

  /** Accounts for work that is more than a step an instruction. */
  spend(steps: number): void {
    this.#budget -= steps;
    if (this.#budget < 0) throw this.cursor.refuse("a bomb: a short file that asks for much work");
  }

  push(value: unknown): void {
    if (typeof value === "object" && value !== null && ++this.#objects > mostObjects) {
      throw this.cursor.refuse(`more than ${mostObjects} objects`);
    }
    this.#stack.push(value);
  }

  pop(): unknown {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  /** The `count` topmost values, in the order they were pushed. */
  popMany(count: number): unknown[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  pushMark(): void {
    this.#stack.push(mark);
  }

  popToMark(): unknown[] {
    const at = this.#stack.lastIndexOf(mark);
    if (at < 0) throw this.cursor.refuse("an instruction without its mark");
    return this.#stack.splice(at).slice(1);
  }

  /** POP also removes a mark. */
  discard(): void {
    if (this.#stack.length === 0) throw this.cursor.refuse("an instruction without its operands");
    this.#stack.pop();
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.cursor.refuse("items for something that is no list");
    for (const item of items) list.push(item);
  }

  /** Enters key, value, key, value … into the dict on top. */
  setItems(items: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw this.cursor.refuse("entries for something that is no dict");
    if (items.length % 2 !== 0) throw this.cursor.refuse("a dict key without a value");
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key === "object" && key !== null)
        throw this.cursor.refuse("a dict key that is no text or number");
      dict.set(key, items[i + 1]);
    }
  }

  /**
   * Gives the state on top to the value below it. Of plain data only an OrderedDict has one: its attributes
   * (`_metadata` of a state dict), which are not needed.
   */
  setState(): void {
    const state = this.pop();
    const target = this.top();
    const taken =
      target instanceof PickleStateful
        ? target.setState(state)
        : target instanceof Map && state instanceof Map;
    if (!taken) throw this.cursor.refuse("a state for something that has none");
  }

  remember(index = this.#memo.size): void {
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index))
      throw this.cursor.refuse(`a reference to entry ${index}, which does not exist`);
    this.push(this.#memo.get(index));
  }

  lookUp(module: unknown, name: unknown): void {
    const known = typeof module === "string" && typeof name === "string";
    const found = known ? this.#rules.names.get(`${module} ${name}`) : undefined;
    if (found === undefined) {
      const asked = known ? JSON.stringify(`${module}.${name}`.slice(0, 200)) : "something that is no name";
      throw this.cursor.refuse(`a look-up of ${asked}`);
    }
    this.push(found);
  }

  call(): void {
    const args = this.pop();
    const callee = this.pop();
    const build = callee instanceof PickleName ? callee.build : undefined;
    if (build === undefined || !Array.isArray(args))
      throw this.cursor.refuse("a call of something that cannot be called");
    this.push(build(args, this));
  }

  fetchPersistent(): void {
    const { persistent } = this.#rules;
    if (persistent === undefined) throw this.cursor.refuse("a reference to something outside");
    this.push(persistent(this.pop(), this));
  }

  /** The one value that a complete pickle leaves. */
  result(): unknown {
    if (this.#stack.length !== 1)
      throw this.cursor.refuse(`an end with ${this.#stack.length} values instead of one`);
    return this.pop();
  }

  private top(): unknown {
    const value = this.#stack.at(-1);
    if (this.#stack.length === 0 || value === mark)
      throw this.cursor.refuse("an instruction without its operands");
    return value;
  }
}
