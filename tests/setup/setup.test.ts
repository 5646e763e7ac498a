/** `scripts/setup` in a made-up checkout: CMake, npm and apt are stand-ins that leave a trace. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { addonFolder } from "../../src/engine/addon-path.js";
import { write, writeFakeLibtorch } from "./fake-libtorch.js";
import { withoutTimes } from "./without-times.js";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const folder = realpathSync(mkdtempSync(join(tmpdir(), "snnseg setup-")));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;

/** Configures with `-S SOURCE -B FOLDER`, builds with `--build FOLDER`, and lists every call in `$TRACE`. */
const cmake = `#!/usr/bin/env bash
echo "cmake $*" >>"$TRACE"
if [ "$1" = --build ]; then
  for percent in 10 40 60 90 100; do echo "[ $percent%] Building"; done
  touch "$2/snnseg_native.node"
else
  echo "CMAKE_CACHEFILE_DIR:INTERNAL=$PWD/$4" >"$4/CMakeCache.txt"
fi
`;
const npm = `#!/usr/bin/env bash
echo "npm $*" >>"$TRACE"
mkdir -p node_modules/node-addon-api node_modules/node-api-headers
echo '{"main": "index.js"}' | tee node_modules/node-addon-api/package.json >node_modules/node-api-headers/package.json
echo 'exports.include_dir = "/headers"' | tee node_modules/node-addon-api/index.js >node_modules/node-api-headers/index.js
for n in 1 2 3 4; do echo "npm http fetch GET 200 https://registry/p$n.tgz 12ms" >&2; done
`;
const packages = Object.fromEntries([1, 2, 3, 4].map((n) => [`node_modules/p${n}`, {}]));
const lock = { packages: { "": {}, ...packages, "node_modules/elsewhere": { os: ["none"] } } };

class Checkout {
  root: string;
  readonly #bin: string;
  readonly #trace: string;

  constructor({ npmDone = true } = {}) {
    const home = join(folder, `${++count}`);
    this.root = join(home, "checkout");
    this.#bin = join(home, "bin");
    this.#trace = join(home, "trace");
    mkdirSync(join(this.root, "scripts"), { recursive: true });
    for (const name of ["setup", "find-libtorch", "progress"]) {
      copyFileSync(join(repository, "scripts", name), join(this.root, "scripts", name));
    }
    write(join(this.root, "native/addon.cpp"), "");
    write(join(this.#bin, "cmake"), cmake, 0o755);
    write(join(this.#bin, "npm"), npm, 0o755);
    write(join(this.#bin, "python3"), "#!/bin/sh\nexit 1\n", 0o755);
    if (npmDone)
      spawnSync("bash", [join(this.#bin, "npm")], {
        cwd: this.root,
        env: { ...process.env, TRACE: "/dev/null" },
      });
    else write(join(this.root, "package-lock.json"), JSON.stringify(lock));
  }

  /** Runs set-up: what it did, and what it said. */
  setup(libtorch = "", { cwd = this.root }: { readonly cwd?: string } = {}) {
    rmSync(this.#trace, { force: true });
    const { status, stdout, stderr } = spawnSync(join(this.root, "scripts/setup"), [], {
      cwd,
      env: {
        ...process.env,
        PATH: `${this.#bin}:${process.env.PATH}`,
        LIBTORCH: libtorch,
        TRACE: this.#trace,
      },
      encoding: "utf8",
    });
    const calls = existsSync(this.#trace) ? readFileSync(this.#trace, "utf8").trim().split("\n") : [];
    return {
      status,
      stdout,
      stderr,
      calls,
      builds: calls.filter((call) => call.startsWith("cmake --build")).length,
    };
  }

  /** The build folder that the engine finds. */
  addon(libtorch: string): string {
    return addonFolder({ root: join(this.root, "build/native"), libtorch });
  }
}

const libtorch = (version: string) =>
  writeFakeLibtorch(join(folder, `${++count}`, "torch"), {
    version,
    header: version < "2.1" ? "old" : "new",
  });

describe("setup", () => {
  it("gives every libtorch a build folder of its own, and rebuilds nothing when switched back and forth", () => {
    const checkout = new Checkout();
    const [first, second] = [libtorch("1.13.0"), libtorch("2.13.0")];
    expect(checkout.setup(first)).toMatchObject({ status: 0, builds: 1 });
    expect(checkout.setup(second)).toMatchObject({ status: 0, builds: 1 });
    for (const each of [first, second, first, second]) {
      expect(checkout.setup(each)).toMatchObject({ status: 0, builds: 0, stderr: "" });
    }
    expect(checkout.addon(first)).toMatch(/1\.13\.0-\d+$/);
    expect(checkout.addon(second)).toMatch(/2\.13\.0-\d+$/);
  });

  it("tells two libtorch of one version apart, and knows one by any of its names", () => {
    const checkout = new Checkout();
    const [one, other] = [libtorch("2.13.0"), libtorch("2.13.0")];
    const link = join(folder, "link");
    symlinkSync(one, link);
    checkout.setup(one);
    expect(checkout.setup(other).builds).toBe(1);
    expect(checkout.setup(link).builds).toBe(0);
    expect(checkout.setup("torch", { cwd: join(one, "..") }).builds).toBe(0);
    expect(checkout.addon(link)).toBe(checkout.addon(one));
    expect(checkout.addon(other)).not.toBe(checkout.addon(one));
  });

  it("builds anew for a libtorch that was replaced in its folder", () => {
    const checkout = new Checkout();
    const torch = libtorch("2.12.0");
    checkout.setup(torch);
    writeFakeLibtorch(torch, { version: "2.13.0", header: "new" });
    expect(checkout.setup(torch).builds).toBe(1);
    expect(checkout.addon(torch)).toMatch(/2\.13\.0-\d+$/);
    expect(checkout.setup(torch).builds).toBe(0);
  });

  it("builds anew after a change of the sources, for each libtorch when it is next used", () => {
    const checkout = new Checkout();
    const [first, second] = [libtorch("1.13.0"), libtorch("2.13.0")];
    for (const each of [first, second]) checkout.setup(each);
    const later = new Date(Date.now() + 5000);
    utimesSync(join(checkout.root, "native/addon.cpp"), later, later);
    for (const each of [first, second]) expect(checkout.setup(each).builds).toBe(1);
  });

  it("goes on in a checkout that was moved, and starts afresh there when it must build", () => {
    const checkout = new Checkout();
    const torch = libtorch("2.13.0");
    checkout.setup(torch);
    const moved = `${checkout.root}-moved`;
    renameSync(checkout.root, moved);
    checkout.root = moved;
    expect(checkout.setup(torch)).toMatchObject({ status: 0, builds: 0 });
    write(join(checkout.addon(torch), "object.o"), "of the old place");
    const later = new Date(Date.now() + 5000);
    utimesSync(join(moved, "native/addon.cpp"), later, later);
    expect(checkout.setup(torch).builds).toBe(1);
    expect(existsSync(join(checkout.addon(torch), "object.o"))).toBe(false);
  });

  it("leaves two checkouts alone with their builds", () => {
    const checkout = new Checkout();
    const torch = libtorch("2.13.0");
    checkout.setup(torch);
    const copy = new Checkout();
    cpSync(join(checkout.root, "build"), join(copy.root, "build"), { recursive: true });
    expect(copy.setup(torch)).toMatchObject({ status: 0 });
    expect(copy.addon(torch)).toContain(copy.root);
    expect(checkout.setup(torch).builds).toBe(0);
  });

  it("says in one sentence why a libtorch cannot be used, and builds nothing", () => {
    const checkout = new Checkout();
    const torch = writeFakeLibtorch(join(folder, `${++count}`), { version: "1.12.0" });
    const { status, stderr, calls } = checkout.setup(torch);
    expect({ status, calls }).toEqual({ status: 1, calls: [] });
    expect(stderr).toMatch(/^find-libtorch: expected libtorch 1\.13 or newer, found 1\.12\.0[^\n]*\n$/);
  });

  it("shows on a pipe what it does, how far it is and how long it took, in a few lines on standard error", () => {
    const checkout = new Checkout({ npmDone: false });
    const { status, stdout, stderr, calls } = checkout.setup(libtorch("2.13.0"));
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
    expect(withoutTimes(stderr.replace(/from .*/, "from DIR")).split("\n")).toEqual([
      "setup: installing npm packages (log: build/npm.log)",
      ...["25 %", "50 %", "75 %"].map((share) => `setup: npm packages: ${share}`),
      "setup: npm packages: took TIME",
      "setup: building the addon with libtorch 2.13.0 from DIR",
      ...["40 %", "60 %", "90 %"].map((share) => `setup: addon: ${share}`),
      "setup: addon: took TIME",
      "",
    ]);
    expect(calls[0]).toMatch(/^npm ci --ignore-scripts /);
  });
});

describe("dependencies", () => {
  it("need no install scripts, which newer npm refuses to run", () => {
    const { packages } = JSON.parse(readFileSync(join(repository, "package-lock.json"), "utf8")) as {
      packages: Record<string, { hasInstallScript?: boolean; dev?: boolean }>;
    };
    const scripted = Object.keys(packages).filter((path) => packages[path]?.hasInstallScript);
    expect(scripted.filter((path) => !packages[path]?.dev)).toEqual([]);
    // Of the tools, one checks what npm has installed, the other prints; set-up runs neither.
    expect(scripted).toEqual([
      "node_modules/esbuild",
      "node_modules/onnxruntime-web/node_modules/protobufjs",
    ]);
  });
});
