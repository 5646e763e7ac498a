/** What the experiments of this folder have in common: the command line, and steps that are not done twice. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const repository = fileURLToPath(new URL("../..", import.meta.url));

/** CamVid's classes as its masks number them. */
export const camvidClasses = {
  classes: [
    ...["sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian"],
    "bicyclist",
  ],
  void: 11,
};

/** Runs the command line and returns what it reports; a failure becomes `{ error }`. */
export function snnseg(...args) {
  console.log(`snnseg ${args.join(" ")}`);
  const { status, stdout, stderr } = spawnSync(join(repository, "snnseg"), [...args, "--json"], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status === 0) return JSON.parse(stdout.trim().split("\n").at(-1));
  const error = stderr.trim().split("\n").at(-1);
  console.log(`  ${error}`);
  return { error };
}

/**
 * Steps of an experiment: each is done once, and its result kept as `NAME.json` in the output folder.
 *
 * @param out - the folder
 * @param isResult - whether a failure is one; any other may be mended and tried again
 */
export function stepsIn(out, isResult = () => false) {
  return (name, work) => {
    const file = join(out, `${name}.json`);
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
    rmSync(join(out, name), { recursive: true, force: true });
    const began = Date.now();
    const result = { ...work(join(out, name)), minutes: (Date.now() - began) / 60_000 };
    if (result.error === undefined || isResult(result.error)) writeFileSync(file, JSON.stringify(result));
    return result;
  };
}
