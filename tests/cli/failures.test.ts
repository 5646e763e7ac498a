/** Every failure a user is likely to meet: one clear line that names file and remedy, the right exit code, no harm. */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeMaskPng } from "../../src/images/index.js";
import { loadCheckpoint, saveCheckpoint } from "../../src/serialization/index.js";
import {
  type Finished,
  isBuilt,
  processTimeout,
  type RunOptions,
  snnseg,
  snnsegInside,
  snnsegStopped,
} from "./snnseg.js";
import { writeTinyData } from "./tiny-data.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "snnseg-failures-"));
const data = join(folder, "data");
const run = join(folder, "run");
afterAll(() => rmSync(folder, { recursive: true }));

/** Of trainings that fail before they begin. */
const never = ["--run", join(folder, "never")];
const small = [
  "--dataset",
  "folder",
  "--img-size",
  "8",
  "--timesteps",
  "1",
  "--threads",
  "1",
  "--workers",
  "0",
];
const trainOn = (root: string, ...more: string[]) => [
  "train",
  "--root",
  root,
  ...small,
  "--epochs",
  "1",
  ...more,
];

/** A copy of the tiny data with something done to it. */
function damaged(name: string, damage: (root: string) => void): string {
  const root = join(folder, name);
  cpSync(data, root, { recursive: true });
  damage(root);
  return root;
}

/** Names, sizes and times of all files under a folder. */
function inventory(root: string): string[] {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return files.map((file) => {
    const { size, mtimeMs } = statSync(join(root, file));
    return `${file} ${size} ${mtimeMs}`;
  });
}

/** In a process of its own if that has options. */
async function fails(
  words: readonly string[],
  { code, ...options }: RunOptions & { readonly code: 1 | 2 },
): Promise<string> {
  const alone = Object.keys(options).length > 0;
  const finished: Finished = await (alone ? snnseg(words, options) : snnsegInside(words));
  expect(finished.err).toMatch(/^error: [^\n]+\n$/m);
  expect(finished.err).not.toMatch(/^\s+at /m);
  expect(finished.code).toBe(code);
  return finished.err;
}

describe.skipIf(!isBuilt)("failures (skipped before the build)", { timeout: processTimeout }, () => {
  beforeAll(async () => {
    writeTinyData(data);
    expect(await snnsegInside(trainOn(data, "--run", run))).toMatchObject({ code: 0 });
  }, processTimeout);

  it("names a missing data folder", async () => {
    const err = await fails(trainOn(join(folder, "nowhere")), { code: 1, cwd: folder });
    expect(err).toContain(join(folder, "nowhere"));
    expect(readdirSync(folder)).not.toContain("runs");
  });

  it("names list and line of a missing file", async () => {
    const root = damaged("missing-file", (path) => rmSync(join(path, "images", "train-2.png")));
    const err = await fails(trainOn(root, ...never), { code: 1 });
    expect(err).toMatch(/train\.txt, line 3: expected the file .*train-2\.png.*restore it/);
  });

  it("names a truncated JPEG", async () => {
    const root = join(folder, "truncated");
    cpSync(data, root, { recursive: true });
    const whole = await sharp(join(root, "images", "train-1.png"))
      .jpeg()
      .toBuffer();
    writeFileSync(join(root, "images", "train-1.jpg"), whole.subarray(0, whole.length * 0.8));
    const list = readFileSync(join(root, "train.txt"), "utf8");
    writeFileSync(join(root, "train.txt"), list.replace("train-1.png", "train-1.jpg"));
    expect(await fails(trainOn(root, ...never), { code: 1 })).toMatch(/train-1\.jpg.*replace the file/);
  });

  it("names a mask of another size than its image", async () => {
    const mask = encodeMaskPng({ height: 5, width: 16, data: new Uint8Array(80) });
    const root = damaged("mask-size", (path) => writeFileSync(join(path, "masks", "train-0.png"), mask));
    expect(await fails(trainOn(root, ...never), { code: 1 })).toMatch(
      /train-0\.png: expected 12x16.*received 5x16/,
    );
  });

  it("names a mask with an id that is no class", async () => {
    const mask = encodeMaskPng({ height: 12, width: 16, data: new Uint8Array(192).fill(2) });
    const root = damaged("mask-id", (path) => writeFileSync(join(path, "masks", "train-0.png"), mask));
    expect(await fails(trainOn(root, ...never), { code: 1 })).toMatch(
      /train-0\.png: expected ids 0 to 1.*received 2/,
    );
  });

  it("names an empty list", async () => {
    const root = damaged("empty-list", (path) => writeFileSync(join(path, "train.txt"), "\n"));
    expect(await fails(trainOn(root, ...never), { code: 1 })).toMatch(/train\.txt: .*empty list/);
  });

  it("leaves a run intact when its checkpoint cannot be saved in full, to go on from later", async () => {
    const victim = join(folder, "full");
    const sidecar = join(victim, "checkpoints", "last.json");
    const words = trainOn(data, "--run", victim, "--batch-size", "1", "--save-every", "1");
    await snnsegStopped(words, { signal: "SIGINT", when: () => existsSync(sidecar) });
    const checkpoints = () => inventory(join(victim, "checkpoints"));
    const before = checkpoints();
    const err = await fails(["train", "--resume", victim], { code: 1, fileLimitKib: 2000 });
    expect(err).toMatch(
      /write .*\.safetensors: .*older file of that name is untouched.*choose another folder/,
    );
    expect(checkpoints()).toEqual(before);
    expect(await snnsegInside(["train", "--resume", victim])).toMatchObject({ code: 0 });
  });

  it("says which checkpoint cannot be saved on a full disk, and removes what it began", async () => {
    const words = trainOn(data, "--run", join(folder, "no-space"));
    const err = await fails(words, { code: 1, fileLimitKib: 2000 });
    expect(err).toMatch(
      /write .*checkpoints\/(best|last)\.safetensors: expected to save it.*choose another folder/,
    );
    expect(readdirSync(join(folder, "no-space", "checkpoints"))).toEqual([]);
  });

  it("names a checkpoint that was cut in half, for eval and for resume", async () => {
    const victim = join(folder, "half");
    cpSync(run, victim, { recursive: true });
    for (const name of ["best", "last"]) {
      const path = join(victim, "checkpoints", `${name}.safetensors`);
      truncateSync(path, statSync(path).size >> 1);
    }
    const before = inventory(victim);
    expect(await fails(["eval", victim], { code: 1 })).toMatch(/best\.safetensors/);
    expect(await fails(["train", "--resume", victim], { code: 1 })).toMatch(/last\.safetensors/);
    expect(inventory(victim)).toEqual(before);
  });

  it("refuses a checkpoint of another architecture", async () => {
    const other = join(folder, "other");
    await snnsegInside(trainOn(data, "--run", other, "--arch", "fcn-vgg9", "--img-size", "16"));
    const mixed = join(folder, "mixed");
    cpSync(run, mixed, { recursive: true });
    cpSync(join(other, "checkpoints"), join(mixed, "checkpoints"), { recursive: true });
    const before = inventory(mixed);
    const err = await fails(["train", "--resume", mixed], { code: 1 });
    expect(err).toMatch(/last\.safetensors: expected the \d+ arrays of dl-vgg9 \(snn\).*architecture/);
    expect(inventory(mixed)).toEqual(before);
  });

  it.each([["eval"], ["energy"], ["robustness"], ["report"]])(
    "%s ends where a checkpoint does not fit, also with threads that read",
    async (command) => {
      const unfit = join(folder, "unfit");
      const { tensors, meta } = await loadCheckpoint(join(run, "checkpoints", "best"));
      tensors.delete("features.0.weight");
      await saveCheckpoint(join(unfit, "checkpoints", "best"), { tensors, meta });
      const words = [command, unfit, "--workers", "1", "--threads", "1"];
      expect(await fails(words, { code: 1, cwd: folder })).toMatch(/missing: features\.0\.weight/);
      const wrong = damaged("other-classes", (root) =>
        writeFileSync(join(root, "dataset.json"), JSON.stringify({ classes: ["a", "b", "c"] })),
      );
      const misfit = [command, run, "--workers", "0", "--threads", "1", "--root", wrong];
      expect(await fails(misfit, { code: 2 })).toMatch(/2 classes, received folder with 3 and 3/);
    },
  );

  it("ends where the second of two splits is not there, also with threads that read", async () => {
    const words = trainOn(data, ...never, "--workers", "1", "--eval-split", "nope");
    await fails(words, { code: 1, cwd: folder });
    expect(existsSync(join(folder, "never"))).toBe(false);
  });

  it("refuses a second training into the folder of one that is under way", async () => {
    const busy = join(folder, "busy");
    const words = trainOn(data, "--run", busy, "--epochs", "200");
    const first = snnsegStopped(words, {
      signal: "SIGKILL",
      when: () => existsSync(join(busy, "second-was-refused")),
    });
    while (!existsSync(join(busy, "metrics.jsonl"))) await new Promise((resolve) => setTimeout(resolve, 50));
    const err = await fails(trainOn(data, "--run", busy), { code: 2 });
    expect(err).toMatch(/--run: .*busy, where one is under way; wait for its end|busy, which holds one/);
    writeFileSync(join(busy, "second-was-refused"), "");
    await first;
    // The killed run keeps none from going on.
    const resumed = await snnseg(["train", "--resume", busy, "--epochs", "200"], {
      onStart: (child) => {
        const lines = () => readFileSync(join(busy, "metrics.jsonl"), "utf8").split("\n").length;
        const before = lines();
        const watch = setInterval(() => lines() > before + 1 && child.kill("SIGINT"), 20);
        child.on("close", () => clearInterval(watch));
      },
    });
    expect(resumed.err).toBe("");
    expect([0, 130]).toContain(resumed.code);
  });

  it("refuses data of other classes than the checkpoint's", async () => {
    const classes = JSON.stringify({ classes: ["a", "b", "c"] });
    const root = damaged("classes", (path) => writeFileSync(join(path, "dataset.json"), classes));
    expect(await fails(["eval", run, "--root", root], { code: 2 })).toMatch(
      /2 classes, received folder with 3 and 3/,
    );
  });

  it.each([
    [["--img-size", "0"], /--img-size: expected a side of 1 to 4096 pixels/],
    [["--arch", "dl-vgg7"], /--arch: .*did you mean dl-vgg9\?/],
    [["--optimiser", "adam"], /--optimiser.*--optimizer/],
    [["--model", "ann"], /--timesteps: expected --model snn/],
  ])("refuses %j", async (words, message) => {
    expect(await fails(trainOn(data, ...never, ...words), { code: 2 })).toMatch(message);
  });

  it("says what to do when there is no addon, or no libtorch to build it with", async () => {
    const copy = join(folder, "copy");
    cpSync(join(repository, "dist"), join(copy, "dist"), { recursive: true });
    cpSync(join(repository, "package.json"), join(copy, "package.json"));
    symlinkSync(join(repository, "node_modules"), join(copy, "node_modules"));
    const main = join(copy, "dist", "cli", "main.js");
    const empty = { ...process.env, SNNSEG_CACHE: join(folder, "no-cache") };
    const options = { cwd: folder, env: empty, encoding: "utf8" } as const;
    const missing = spawnSync(process.execPath, [main, ...trainOn(data)], options);
    expect(missing.status).toBe(1);
    expect(missing.stderr).toMatch(
      /^error: addon: expected .*run (LIBTORCH=\S+ )?npx snnseg setup.*libtorch/,
    );

    const env = { ...process.env, LIBTORCH: join(folder, "nowhere") };
    const search = spawnSync(join(repository, "scripts", "find-libtorch"), { env, encoding: "utf8" });
    expect(search.status).toBe(1);
    expect(search.stderr).toMatch(/LIBTORCH=.*nowhere.*set LIBTORCH to an unpacked libtorch/);
  });

  it("shows where an error came from with --debug only", async () => {
    const { err } = await snnsegInside(["eval", join(folder, "nowhere"), "--debug"]);
    expect(err).toMatch(/^error: find checkpoint: [^\n]+\n.*\n?\s+at /);
  });

  it("stops when the loss is no longer finite and keeps the last good checkpoint", async () => {
    const victim = join(folder, "diverged");
    const words = trainOn(data, "--run", victim, "--epochs", "4", "--batch-size", "2");
    const err = await fails(
      [...words, "--no-batch-norm", "--model", "ann", "--lr", "1e30"].filter(notTimesteps),
      { code: 1 },
    );
    expect(err).toMatch(/train: expected (a finite loss|finite weights), received .*lower --lr|lower --lr/);
    expect(readFileSync(join(victim, "config.json"), "utf8")).toContain("1e+30");
  });
});

const notTimesteps = (word: string, i: number, all: readonly string[]) =>
  word !== "--timesteps" && all[i - 1] !== "--timesteps";
