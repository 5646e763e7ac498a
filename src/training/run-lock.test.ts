/** Two runs never write into one folder, and a killed one keeps none from going on. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyDigits } from "../../tests/tiny-run.js";
import { flagLayer, resolveConfig } from "../config/index.js";
import { OptionError } from "../errors.js";
import { lockRun, RunFolder, startRun } from "./index.js";

const library = fileURLToPath(new URL("../../dist/training/index.js", import.meta.url));

let parent = "";
const folderOf = (name: string) => new RunFolder(join(parent, name));
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "snnseg-lock-"));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

describe("lockRun", () => {
  it("lets one in at a time, and leaves no folder where nothing was begun", async () => {
    const folder = folderOf("one");
    {
      await using _lock = await lockRun(folder);
      await expect(lockRun(folder)).rejects.toThrow(OptionError);
      await expect(lockRun(folder)).rejects.toThrow(/received .*one, where one is under way/);
    }
    expect(await readdir(parent)).toEqual([]);
    await (await lockRun(folder))[Symbol.asyncDispose]();
  });

  it("lets only one of many in that come at the same moment", async () => {
    const folder = folderOf("many");
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(folder)));
    const locks = tries.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    expect(locks.length).toBe(1);
    await locks[0]![Symbol.asyncDispose]();
  });

  it.skipIf(!existsSync(library))(
    "is not left behind by a killed process (skipped before the build)",
    async () => {
      const folder = folderOf("killed");
      const program = `
      const { lockRun, RunFolder } = await import(${JSON.stringify(library)});
      globalThis.lock = await lockRun(new RunFolder(${JSON.stringify(folder.path)}));
      console.log("locked");
      setInterval(() => undefined, 1000);`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", program]);
      await once(child.stdout, "data");
      await expect(lockRun(folder)).rejects.toThrow(OptionError);
      child.kill("SIGKILL");
      await once(child, "exit");
      await (await lockRun(folder))[Symbol.asyncDispose]();
    },
  );
});

it("a second training into the folder of one that is under way is refused, and changes nothing", async () => {
  const folder = folderOf("run");
  const resolved = resolveConfig([flagLayer(tinyDigits)]);
  const order = { folder, preset: undefined, environment: {} };
  const run = await startRun(resolved, order);
  const begun = await readdir(folder.path);
  await expect(startRun(resolved, order)).rejects.toThrow(OptionError);
  expect(await readdir(folder.path)).toEqual(begun);
  await run.experiment[Symbol.asyncDispose]();
  expect(await readdir(folder.path)).toEqual(begun.filter((name) => name !== "run.lock"));
});
