import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { lockRun, RunFolder } from "../training/index.js";
import { heldLocks } from "./held-locks.js";
import { runStateOf } from "./run-state.js";

const root = mkdtempSync(join(tmpdir(), "snnseg-locks-"));
afterAll(() => rmSync(root, { recursive: true }));

it("reads the table of locks, and only whole-file locks of flock", async () => {
  const table = join(root, "locks");
  const lines = [
    "1: POSIX  ADVISORY  WRITE 5544 fe:00:398611 0 EOF",
    "2: FLOCK  ADVISORY  WRITE 28144 fe:00:5677058 0 EOF",
    "3: FLOCK  ADVISORY  WRITE -1 00:1f:77 0 EOF",
  ];
  writeFileSync(table, `${lines.join("\n")}\n`);
  expect(await heldLocks(table)).toEqual(new Set([5_677_058, 77]));
  expect(await heldLocks(join(root, "none"))).toBeUndefined();
});

describe.skipIf(process.platform !== "linux")("runStateOf (skipped where the system tells no locks)", () => {
  const begun = { changedMs: 0, complete: false };

  it("sees a lock that is held, one that was left behind, and neither", async () => {
    const folder = new RunFolder(join(root, "run"));
    const stateOf = async (reached = begun) => runStateOf(folder, reached, await heldLocks());
    const lock = await lockRun(folder);
    writeFileSync(folder.config, "{}");
    expect(await stateOf()).toBe("running");
    await lock[Symbol.asyncDispose]();
    expect(await stateOf()).toBe("stopped");
    writeFileSync(folder.lock, "");
    expect(await stateOf()).toBe("killed");
    expect(await runStateOf(folder, begun, undefined)).toBe("running");
  });

  it("calls a run finished by its report, unless it went on since", async () => {
    const folder = new RunFolder(root);
    const stateOf = (changedMs: number, complete: boolean) =>
      runStateOf(folder, { changedMs, complete }, new Set());
    expect(await stateOf(0, true)).toBe("stopped");
    writeFileSync(folder.report, "");
    const written = statSync(folder.report).mtimeMs;
    expect(await stateOf(written - 1, false)).toBe("finished");
    expect(await stateOf(written + 1, false)).toBe("stopped");
    expect(await stateOf(written + 1, true)).toBe("finished");
  });
});
