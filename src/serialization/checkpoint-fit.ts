/** Does a checkpoint belong to this network? */
import { ShapeError } from "../errors.js";

/** How many keys of a kind an error names. */
const named = 3;

/**
 * Compares a state dict with what a network expects.
 *
 * @param expected - the network's keys and shapes
 * @param found - the checkpoint's, for example its `tensors`
 * @param options - words for the error
 * @param options.path - the checkpoint's file, for messages
 * @param options.network - what messages call the network (default `"this network"`)
 * @throws ShapeError naming the first missing, unexpected and differently shaped keys
 */
export function checkCheckpointFits(
  expected: ReadonlyMap<string, readonly number[]>,
  found: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  { path, network = "this network" }: { readonly path: string; readonly network?: string },
): void {
  const missing = [...expected.keys()].filter((name) => !found.has(name));
  const unexpected = [...found.keys()].filter((name) => !expected.has(name));
  const mismatched = [...expected]
    .filter(([name, shape]) => found.has(name) && `${found.get(name)?.shape}` !== `${shape}`)
    .map(
      ([name, shape]) => `${name} is [${found.get(name)?.shape.join(", ")}] instead of [${shape.join(", ")}]`,
    );
  const faults = [list("missing", missing), list("unexpected", unexpected), list("other shape", mismatched)];
  const told = faults.filter((fault) => fault !== undefined);
  if (told.length === 0) return;
  throw new ShapeError(
    `load ${path}: expected the ${expected.size} arrays of ${network}, received ${found.size} that do not fit ` +
      `(${told.join("; ")}); use the checkpoint with the architecture and options it was made with`,
  );
}

function list(kind: string, entries: readonly string[]): string | undefined {
  if (entries.length === 0) return undefined;
  const more = entries.length > named ? ` and ${entries.length - named} more` : "";
  return `${kind}: ${entries.slice(0, named).join(", ")}${more}`;
}
