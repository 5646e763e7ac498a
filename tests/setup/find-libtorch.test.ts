/** `scripts/find-libtorch` on made-up folders. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type FakeLibtorch, versionHeaders, write, writeFakeLibtorch } from "./fake-libtorch.js";

const script = fileURLToPath(new URL("../../scripts/find-libtorch", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "snnseg find-libtorch-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(folder, `${++count}`);

/** The assignments that the script prints, as a shell reads them. */
function find(env: NodeJS.ProcessEnv) {
  const program = 'found=$("$0") || exit; eval "$found"; set | grep ^LIBTORCH_';
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", program, script], {
    env: { ...process.env, LIBTORCH: "", ...env },
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** A `python3` on the path whose torch is at `torch`. */
function pythonWith(torch: string): NodeJS.ProcessEnv {
  const bin = join(fresh(), "bin");
  write(join(bin, "python3"), `#!/bin/sh\necho '${torch}'\n`, 0o755);
  return { PATH: `${bin}:${process.env.PATH}` };
}

describe("find-libtorch", () => {
  it.each([
    ["old", "1.13.0", 17],
    ["plain", "2.4.1", 17],
    ["old", "2.11.0", 17],
    ["new", "2.12.0", 20],
    ["new", "2.13.0", 20],
    ["new", "3.0.0", 20],
  ] as const)("reads the version from the %s header: %s needs C++%d", (header, version, standard) => {
    const prefix = writeFakeLibtorch(fresh(), { version, header });
    const { status, stdout, stderr } = find({ LIBTORCH: prefix });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toContain(`LIBTORCH_VERSION=${version}\n`);
    expect(stdout).toContain(`LIBTORCH_CXX_STANDARD=${standard}\n`);
    expect(stdout).toContain(versionHeaders[header]);
  });

  it("takes the folder that holds torch, as pip has it", () => {
    const site = fresh();
    writeFakeLibtorch(join(site, "torch"), { version: "2.13.0", header: "new" });
    expect(find({ LIBTORCH: site }).stdout).toContain(`${site}/torch/lib`);
  });

  it.each([
    ["_ZN3c105ErrorC2ENS_14SourceLocationESs", 0],
    ["_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_string", 1],
    ["", 1],
  ])("knows the string ABI by the symbol %s", (symbols, abi) => {
    const prefix = writeFakeLibtorch(fresh(), { version: "2.4.0", symbols });
    expect(find({ LIBTORCH: prefix }).stdout).toContain(`LIBTORCH_CXX11_ABI=${abi}\n`);
  });

  const broken: readonly [string, FakeLibtorch, RegExp][] = [
    [
      "libraries without headers",
      { headers: false },
      /expected libtorch's headers in FOLDER\/include.*half installed; /,
    ],
    [
      "headers without libraries",
      { version: "2.13.0", libraries: false },
      /expected libtorch_cpu in FOLDER\/lib,.*half installed; /,
    ],
    [
      "headers without a version",
      {},
      /expected libtorch's version in .* of FOLDER\/include, found none: half installed; /,
    ],
    ["1.12", { version: "1.12.1" }, /expected libtorch 1\.13 or newer, found 1\.12\.1 in FOLDER; /],
    ["0.4", { version: "0.4.1" }, /expected libtorch 1\.13 or newer, found 0\.4\.1 in FOLDER; /],
  ];

  it.each(broken)("refuses %s with one sentence", (_, fake, message) => {
    const prefix = writeFakeLibtorch(fresh(), fake);
    const { status, stdout, stderr } = find({ LIBTORCH: prefix });
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr.replaceAll(prefix, "FOLDER")).toMatch(message);
    expect(stderr).toMatch(/^find-libtorch: [^\n]*set LIBTORCH to another[^\n]*\n$/);
  });

  it("refuses a folder without a libtorch, and one that is not there", () => {
    const empty = fresh();
    mkdirSync(empty);
    for (const prefix of [empty, join(empty, "nowhere")]) {
      const { status, stderr } = find({ LIBTORCH: prefix });
      expect(status).toBe(1);
      expect(stderr).toMatch(/^find-libtorch: expected include\/ and lib[^\n]*; set LIBTORCH to [^\n]*\n$/);
      expect(stderr).toContain(`LIBTORCH=${prefix}`);
    }
  });

  it("prefers python3's torch, also a current one", () => {
    const torch = writeFakeLibtorch(fresh(), { version: "2.13.0", header: "new" });
    const { status, stdout } = find(pythonWith(torch));
    expect(status).toBe(0);
    expect(stdout).toContain("LIBTORCH_VERSION=2.13.0\n");
  });

  it.each(broken)("says why it passes over python3's torch: %s", (_, fake, message) => {
    const torch = writeFakeLibtorch(fresh(), fake);
    const { stdout, stderr } = find(pythonWith(torch));
    expect(stderr.replaceAll(torch, "FOLDER")).toMatch(message);
    expect(stderr).toContain("pip install --upgrade --force-reinstall torch");
    expect(stdout).not.toContain(torch);
  });
});
