import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isBuilt, lastJson, processTimeout, snnsegInside, snnsegStopped } from "./snnseg.js";
import { writeTinyData } from "./tiny-data.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-resume-"));
const data = join(folder, "data");
beforeAll(() => void writeTinyData(data));
afterAll(() => rmSync(folder, { recursive: true }));

const words = (run: string) => [
  ...[
    "train",
    "--dataset",
    "folder",
    "--root",
    data,
    "--arch",
    "dwnet",
    "--img-size",
    "16",
    "--threads",
    "1",
    "--workers",
    "0",
  ],
  ...["--batch-size", "2", "--timesteps", "2", "--epochs", "4", "--eval-every", "2", "--save-every", "1"],
  ...[
    "--optimizer",
    "adamw",
    "--clip-gradient",
    "1",
    "--schedule",
    "poly",
    "--schedule-by",
    "step",
    "--warmup",
    "1",
  ],
  ...["--augment", "geometric", "--run", run],
];

const metricsOf = (run: string) =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => ({ ...JSON.parse(line), time: undefined }));
const checkpointOf = (run: string, name: string) =>
  readFileSync(join(run, "checkpoints", `${name}.safetensors`));

/** The step that the run's last checkpoint was made at, 0 before there is one. */
function savedSteps(run: string): number {
  const sidecar = join(run, "checkpoints", "last.json");
  if (!existsSync(sidecar)) return 0;
  const { epoch, step } = JSON.parse(readFileSync(sidecar, "utf8"));
  return epoch * 3 + step;
}

describe.skipIf(!isBuilt)("resume (skipped before the build)", { timeout: processTimeout }, () => {
  const whole = join(folder, "whole");
  beforeAll(async () => {
    expect((await snnsegInside(words(whole))).code).toBe(0);
  }, processTimeout);

  it("ends with the bytes of an uninterrupted run after kill -9 at three moments", async () => {
    const run = join(folder, "killed");
    for (const steps of [1, 5, 8]) {
      const argv = steps === 1 ? words(run) : ["train", "--resume", run];
      await snnsegStopped(argv, { signal: "SIGKILL", when: () => savedSteps(run) >= steps });
      expect(savedSteps(run)).toBeLessThan(12);
    }
    expect((await snnsegInside(["train", "--resume", "--run", run])).code).toBe(0);
    const two = await snnsegInside(["train", "--resume", run, "--run", `${run}-other`]);
    expect(two).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--run: expected none beside --resume/),
    });
    expect(metricsOf(run)).toEqual(metricsOf(whole));
    for (const name of ["last", "best"]) {
      expect(checkpointOf(run, name).equals(checkpointOf(whole, name))).toBe(true);
    }
  });

  it("saves on Ctrl-C, says how to go on, and goes on to the same end", async () => {
    const run = join(folder, "interrupted");
    const first = await snnsegStopped([...words(run), "--json"], {
      signal: "SIGINT",
      when: () => savedSteps(run) >= 4,
    });
    expect(first.code).toBe(130);
    expect(lastJson(first)).toMatchObject({ finished: false, resume: `snnseg train --resume --run ${run}` });
    expect(first.err).toContain(`continue with: snnseg train --resume --run ${run}`);
    expect((await snnsegInside([...words(run), "--resume"])).code).toBe(0);
    expect(metricsOf(run)).toEqual(metricsOf(whole));
    expect(checkpointOf(run, "last").equals(checkpointOf(whole, "last"))).toBe(true);
  });

  it("goes on with averaged weights as if it had never stopped", async () => {
    const average = ["--average", "0.9"];
    const [steady, killed] = [join(folder, "averaged"), join(folder, "averaged-killed")];
    expect((await snnsegInside([...words(steady), ...average])).code).toBe(0);
    await snnsegStopped([...words(killed), ...average], {
      signal: "SIGKILL",
      when: () => savedSteps(killed) >= 4,
    });
    expect(savedSteps(killed)).toBeLessThan(12);
    expect((await snnsegInside(["train", "--resume", killed])).code).toBe(0);
    expect(metricsOf(killed)).toEqual(metricsOf(steady));
    for (const name of ["last", "best"]) {
      expect(checkpointOf(killed, name).equals(checkpointOf(steady, name))).toBe(true);
    }
    // The average is what is scored and kept, so it is not what training without it ends with.
    expect(checkpointOf(steady, "best").equals(checkpointOf(whole, "best"))).toBe(false);
  });

  it("starts over where a run was killed between its first best checkpoint and its first full one", async () => {
    const run = join(folder, "restarted");
    cpSync(whole, run, { recursive: true });
    for (const name of ["last.safetensors", "last.json"]) rmSync(join(run, "checkpoints", name));
    const metrics = join(run, "metrics.jsonl");
    // After its second epoch it had a full one, which somebody has removed.
    const removed = await snnsegInside(["train", "--resume", run]);
    expect(removed).toMatchObject({
      code: 1,
      err: expect.stringMatching(/expected .*last\.safetensors, .*none/),
    });
    expect(readFileSync(metrics)).toEqual(readFileSync(join(whole, "metrics.jsonl")));
    const lines = readFileSync(metrics, "utf8").split("\n");
    writeFileSync(metrics, `${lines[0]}\n`);
    const restarted = await snnsegInside(["train", "--resume", run]);
    expect(restarted).toMatchObject({ code: 0, out: expect.stringContaining("starting from the beginning") });
    expect(metricsOf(run)).toEqual(metricsOf(whole));
    expect(checkpointOf(run, "last").equals(checkpointOf(whole, "last"))).toBe(true);
  });

  it("refuses options that would change the run, and a fresh run in its folder", async () => {
    const changed = await snnsegInside(["train", "--resume", whole, "--lr", "0.5"]);
    expect(changed).toMatchObject({
      code: 2,
      err: expect.stringMatching(/--lr: expected 0\.001, as run .* began/),
    });
    const fresh = await snnsegInside(words(whole));
    expect(fresh).toMatchObject({
      code: 2,
      err: expect.stringMatching(/holds one; choose another folder, or continue it/),
    });
    const nothing = await snnsegInside(["train", "--resume", join(folder, "none")]);
    expect(nothing).toMatchObject({ code: 2, err: expect.stringMatching(/expected the folder of a run/) });
  });
});
