/** Splits of data sets that have a folder for each. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The splits whose folders are there. */
export async function foldersOf({ root }: { readonly root: string }): Promise<readonly string[]> {
  return ["train", "val", "test"].filter((split) => existsSync(join(root, split)));
}
