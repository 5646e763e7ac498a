/**
 * Where the addon is: in the build folder of a checkout, or, of an installed package, in a cache that outlives it
 * (`scripts/setup`). Every libtorch has a folder of its own in there; set-up writes into `builds.tsv` which one serves which
 * value of the environment variable LIBTORCH.
 */
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NativeLoadError } from "../errors.js";

const packageRoot = fileURLToPath(new URL("../..", import.meta.url));
const isCheckout = existsSync(join(packageRoot, "src"));

/** What builds the addon. */
export const setupCommand = isCheckout ? "scripts/setup" : "npx snnseg setup";

/** The folder of all builds. */
function buildRoot(): string {
  if (isCheckout) return join(packageRoot, "build/native");
  const { version } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
    version: string;
  };
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return join(process.env.SNNSEG_CACHE || join(caches, "snnseg"), version, "native");
}

/** The addon's name in its build folder. */
export const addonFile = "snnseg_native.node";

export type AddonQuery = {
  /** The folder of all builds. */
  readonly root?: string;
  /** LIBTORCH; empty for the libtorch that set-up finds by itself. */
  readonly libtorch?: string;
};

/**
 * The folder of the addon that is built for a libtorch.
 *
 * @throws {@link NativeLoadError} if there is none
 */
export function addonFolder({ root = buildRoot(), libtorch = process.env.LIBTORCH ?? "" }: AddonQuery = {}) {
  const wanted = libtorch === "" ? "" : physicalPath(libtorch);
  const builds = readBuilds(root);
  const name = builds.get(wanted);
  if (name !== undefined && existsSync(join(root, name, addonFile))) return join(root, name);
  const others = [...builds.keys()].filter((each) => each !== wanted);
  const found =
    others.length === 0 ? "found nothing there" : `found builds for ${others.map(nameOf).join(", ")} only`;
  const command = wanted === "" ? setupCommand : `LIBTORCH=${wanted} ${setupCommand}`;
  const instead =
    others.length === 0
      ? " (it finds libtorch by itself, or takes LIBTORCH=DIR)"
      : ", or set LIBTORCH to one of these";
  throw new NativeLoadError(
    `addon: expected a build for ${nameOf(wanted)} in ${root}, ${found}; run ${command} to build it${instead}`,
  );
}

/** Folder names by value of LIBTORCH. */
function readBuilds(root: string): ReadonlyMap<string, string> {
  const path = join(root, "builds.tsv");
  const lines = existsSync(path) ? readFileSync(path, "utf8").split("\n") : [];
  return new Map(
    lines.flatMap((line) => {
      const [name, libtorch] = line.split("\t");
      return name && libtorch !== undefined ? [[libtorch, name] as const] : [];
    }),
  );
}

function nameOf(libtorch: string): string {
  return libtorch === "" ? "the default libtorch (LIBTORCH unset)" : `LIBTORCH=${libtorch}`;
}

/** Set-up resolves links too, so that one libtorch has one name. */
function physicalPath(path: string): string {
  return existsSync(path) ? realpathSync(path) : resolve(path);
}
