import { spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileError } from "../errors.js";
import { makeFoldersOf, readFileBytes, sha256, sha256File, writeFileAtomic } from "./index.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "snnseg-files-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("writeFileAtomic", () => {
  it("writes text, bytes and pieces, makes folders, and leaves nothing else behind", async () => {
    await writeFileAtomic(join(folder, "a/b/text"), "Grüße");
    await writeFileAtomic(join(folder, "a/b/bytes"), new Float32Array([1, 2]).subarray(1));
    await writeFileAtomic(join(folder, "a/b/pieces"), [new Uint8Array([1]), new Uint8Array([2, 3])]);
    expect(await readFile(join(folder, "a/b/text"), "utf8")).toBe("Grüße");
    expect([...(await readFile(join(folder, "a/b/bytes")))]).toEqual([0, 0, 0, 64]);
    expect([...(await readFile(join(folder, "a/b/pieces")))]).toEqual([1, 2, 3]);
    expect((await readdir(join(folder, "a/b"))).sort()).toEqual(["bytes", "pieces", "text"]);
  });

  it("keeps the old file and removes the temporary one when the content fails half-way", async () => {
    const path = join(folder, "model");
    await writeFileAtomic(path, "old");
    const content = (function* () {
      yield new Uint8Array(1000);
      throw new RangeError("source broke");
    })();
    await expect(writeFileAtomic(path, content)).rejects.toThrow("source broke");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it("takes its temporary file along when the process exits in between", async () => {
    const script = `
      const { writeFileAtomic } = await import(${JSON.stringify(join(import.meta.dirname, "../../dist/files/index.js"))});
      const { readdirSync } = await import("node:fs");
      const content = (function* () {
        yield new Uint8Array(1000);
        console.log(readdirSync(process.argv[1]).length);
        process.exit(3);
      })();
      await writeFileAtomic(process.argv[1] + "/model", content);`;
    const options = ["--input-type=module", "-e", script, folder];
    const { status, stdout } = spawnSync(process.execPath, options, { encoding: "utf8" });
    expect({ status, stdout }).toEqual({ status: 3, stdout: "1\n" });
    expect(await readdir(folder)).toEqual([]);
  });

  it("names file and remedy when the disk is full", async () => {
    const path = join(folder, "model");
    await writeFileAtomic(path, "old");
    const content = (function* () {
      yield new Uint8Array(1000);
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    })();
    const failure = writeFileAtomic(path, content);
    await expect(failure).rejects.toThrow(FileError);
    await expect(failure).rejects.toThrow(
      /write .*model: .*untouched.*full disk \(ENOSPC\); free some space/,
    );
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["model"]);
  });

  it.skipIf(!existsSync("/dev/full"))("turns a failing device into the same clear error", async () => {
    // A rename cannot replace a device, so the failing write is reached through the content's own stream.
    const content = (function* () {
      yield new Uint8Array(10);
      writeFileSync("/dev/full", "x");
    })();
    await expect(writeFileAtomic(join(folder, "model"), content)).rejects.toThrow(/model: .*ENOSPC/);
    expect(await readdir(folder)).toEqual([]);
  });

  it("refuses a folder as target and a read-only folder", async () => {
    await mkdir(join(folder, "taken"));
    await expect(writeFileAtomic(join(folder, "taken"), "x")).rejects.toThrow(/EISDIR/);
    if (process.getuid?.() !== 0) {
      await chmod(folder, 0o500);
      await expect(writeFileAtomic(join(folder, "x"), "x")).rejects.toThrow(/no permission/);
      await chmod(folder, 0o700);
    }
  });

  it("refuses a path below a file", async () => {
    await writeFile(join(folder, "file"), "x");
    for (const below of ["file/x", "file/a/x"]) {
      const failure = writeFileAtomic(join(folder, below), "x");
      await expect(failure).rejects.toThrow(FileError);
      await expect(failure).rejects.toThrow(/make folder .*file.*a file where a folder belongs \(ENOTDIR\)/);
    }
    expect(await readFile(join(folder, "file"), "utf8")).toBe("x");
  });

  it.skipIf(!existsSync("/proc/self"))("refuses a folder that no file system can hold, at once", async () => {
    const failure = writeFileAtomic("/proc/no-such/deep/x", "x");
    await expect(failure).rejects.toThrow(/make folder \/proc\/no-such\/deep: .*\(ENOENT\); check the path/);
  });

  it("is refused before the work where a folder can be neither made nor written", async () => {
    await writeFile(join(folder, "file"), "x");
    await makeFoldersOf(undefined, join(folder, "a/b/x"));
    expect(await readdir(join(folder, "a"))).toEqual(["b"]);
    await expect(makeFoldersOf(join(folder, "y"), join(folder, "file/x"))).rejects.toThrow(/ENOTDIR/);
    if (process.getuid?.() !== 0) {
      await chmod(join(folder, "a"), 0o500);
      await expect(makeFoldersOf(join(folder, "a/x"))).rejects.toThrow(/write .*a\/x.*no permission/);
      await chmod(join(folder, "a"), 0o700);
    }
  });

  it("lets several make the same folders", async () => {
    const paths = Array.from({ length: 8 }, (_, i) => join(folder, "a/b/c", String(i)));
    await Promise.all(paths.map((path) => writeFileAtomic(path, "x")));
    expect(await readdir(join(folder, "a/b/c"))).toHaveLength(8);
  });

  it("removes what a killed writer left, but not the temporary file of one still alive", async () => {
    const host = hostname().replaceAll(/[^A-Za-z0-9]/g, "_");
    const gone = spawnSync(process.execPath, ["--version"]).pid;
    await writeFile(join(folder, `.model.${host}-${gone}-0.tmp`), "half");
    await writeFile(join(folder, `.model.${host}-${process.ppid}-0.tmp`), "half");
    await writeFileAtomic(join(folder, "model"), "new");
    expect((await readdir(folder)).sort()).toEqual([`.model.${host}-${process.ppid}-0.tmp`, "model"]);
  });
});

describe("reading", () => {
  it("names a missing file", async () => {
    await expect(readFileBytes(join(folder, "none"))).rejects.toThrow(/read .*none: .*no such file/);
    await expect(readFileBytes(folder)).rejects.toThrow(/expected a file/);
  });

  it("digests text, bytes and files alike (FIPS 180-4 example)", async () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    await writeFileAtomic(join(folder, "abc"), "abc");
    expect(sha256("abc")).toBe(abc);
    expect(await sha256File(join(folder, "abc"))).toBe(abc);
    await writeFileAtomic(join(folder, "long"), new Uint8Array(3_000_000).fill(7));
    expect(await sha256File(join(folder, "long"))).toBe(sha256(new Uint8Array(3_000_000).fill(7)));
  });
});
