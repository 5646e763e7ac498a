/**
 * Lexical lifetimes of native tensors. Finalizers do not run during a synchronous loop, so every tensor belongs to
 * the innermost scope open when it was made, and is freed when that scope ends.
 */

/** Something a scope can free and hand on. */
export interface Scoped extends Disposable {
  /** The scope that will free it; `undefined` once kept. */
  owner: Scope | undefined;
}

/** The set of handles one scope frees when it ends. */
export class Scope {
  readonly name: string;
  readonly parent: Scope | undefined;
  readonly members = new Set<Scoped>();

  constructor(name: string, parent: Scope | undefined) {
    this.name = name;
    this.parent = parent;
  }
}

let current: Scope | undefined;

/** Puts a new handle under the innermost scope. Outside any scope it is the caller's. */
export function adopt(member: Scoped): void {
  member.owner = current;
  current?.members.add(member);
}

/**
 * Takes a handle out of its scope: its owner now disposes it.
 *
 * @param member - a tensor, which is returned
 * @example
 * ```ts
 * import { keep, scope } from "snnseg";
 * import { ones } from "snnseg/ops";
 *
 * const owned = new Set([ones([3])]);
 * scope("step", () => {
 *   owned.add(keep(ones([3])));
 * });
 * for (const tensor of owned) tensor.dispose(); // both are alive until here
 * ```
 */
export function keep<T extends Scoped>(member: T): T {
  member.owner?.members.delete(member);
  member.owner = undefined;
  return member;
}

/**
 * Runs `body` and frees every tensor made inside, also on a throw. What is returned lives on in the outer scope:
 * a tensor, or tensors inside arrays, maps and plain objects. Bodies are synchronous.
 *
 * @param name - shown in errors
 * @param body - runs at once; may open scopes of its own
 * @throws TypeError if `body` returns a promise
 * @example
 * ```ts
 * import { liveTensors, scope } from "snnseg";
 * import { mul, ones, sum } from "snnseg/ops";
 *
 * const total = scope("sum", () => sum(mul(ones([100]), 2)));
 * console.log(total.item(), liveTensors()); // 200, and one tensor is alive: the product was freed
 * total.dispose();
 * ```
 */
export function scope<T>(name: string, body: () => T): T {
  const inner = new Scope(name, current);
  current = inner;
  try {
    const result = body();
    refusePromise(`scope ${name}`, result);
    handOn(result, inner);
    return result;
  } finally {
    current = inner.parent;
    for (const member of inner.members) {
      member.owner = undefined;
      member[Symbol.dispose]();
    }
  }
}

/**
 * Refuses the promise of an async body: what it awaits would run when the scope has ended. Its own failure is nobody's.
 *
 * @throws TypeError if `result` is a promise
 */
export function refusePromise(operation: string, result: unknown): void {
  if (!(result instanceof Promise)) return;
  result.catch(() => undefined);
  throw new TypeError(
    `${operation}: expected a synchronous body, received an async one; await outside and pass what comes of it`,
  );
}

function handOn(value: unknown, from: Scope): void {
  if (value === null || typeof value !== "object") return;
  if (isScoped(value)) {
    if (value.owner !== from) return;
    from.members.delete(value);
    value.owner = from.parent;
    from.parent?.members.add(value);
  } else if (Array.isArray(value) || value instanceof Map || value instanceof Set) {
    for (const element of value.values()) handOn(element, from);
  } else if (Object.getPrototypeOf(value) === Object.prototype) {
    for (const element of Object.values(value)) handOn(element, from);
  }
}

function isScoped(value: object): value is Scoped {
  return "owner" in value && Symbol.dispose in value;
}
