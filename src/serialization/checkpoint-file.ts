/** Which file a user means who names a run, a checkpoint, or one of its files. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { FileError } from "../errors.js";
import { checkpointPath } from "./checkpoint.js";

/**
 * The checkpoint file behind a path: of a run folder `checkpoints/best.safetensors` (or `last`), else the file itself.
 *
 * @param path - a run folder, or a checkpoint file with or without its suffix
 * @param options - which checkpoint of a run is meant
 * @param options.prefer - which of a run folder's two is taken if it has both (default `"best"`)
 * @throws FileError if there is none
 */
export async function checkpointFile(
  path: string,
  { prefer = "best" }: { readonly prefer?: "best" | "last" } = {},
): Promise<string> {
  const other = prefer === "best" ? "last" : "best";
  const candidates = (await isFolder(path))
    ? [prefer, other].map((name) => join(path, "checkpoints", `${name}.safetensors`))
    : [checkpointPath(path)];
  for (const candidate of candidates) if (await isFile(candidate)) return candidate;
  throw new FileError(
    `find checkpoint: expected ${candidates.join(" or ")}, received no such file; give a run folder or a .safetensors file`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}
