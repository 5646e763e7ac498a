/** What npm users get where the addon was built elsewhere: a command line and a library without a compiler. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const home = mkdtempSync(join(tmpdir(), "snnseg-prebuilt-"));
const installed = join(home, "node_modules/snnseg");
const platform = `snnseg-${process.platform}-${process.arch}`;
const addon = join(home, "node_modules", platform);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Why there is nothing to try. */
function obstacle(): string | undefined {
  if (spawnSync("dpkg", ["-S", "libtorch_cpu.so"]).status !== 0) return "no libtorch of Debian's here";
  const torch = spawnSync("python3", ["-c", "import torch"]).status === 0;
  return torch ? "python3 has a torch, which goes first" : undefined;
}
const why = obstacle();

describe(`an addon that was built elsewhere${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  const tools = join(home, "tools");
  const env = { PATH: tools, HOME: home, SNNSEG_CACHE: join(home, "cache") };
  const setup = () => spawnSync(join(installed, "snnseg"), ["setup"], { env, encoding: "utf8" });

  beforeAll(() => {
    if (why !== undefined) return;
    const packed = join(home, "packed");
    execFileSync(join(root, "scripts/pack-release"), [packed], { env: { ...process.env, LIBTORCH: "" } });
    for (const [name, folder] of [
      [/^snnseg-\d/, installed],
      [new RegExp(`^${platform}-`), addon],
    ] as const) {
      mkdirSync(folder, { recursive: true });
      const tarball = join(packed, readdirSync(packed).find((file) => name.test(file))!);
      execFileSync("tar", ["-xzf", tarball, "-C", folder, "--strip-components=1"]);
    }
    for (const name of readdirSync(join(root, "node_modules"))) {
      if (name.startsWith(".") || existsSync(join(home, "node_modules", name))) continue;
      symlinkSync(join(root, "node_modules", name), join(home, "node_modules", name));
    }
    // A machine without a compiler, CMake and make, whose packages nobody can install.
    mkdirSync(tools);
    for (const name of readdirSync("/usr/bin")) {
      if (!/^(cmake|make|gmake|apt-get|.*(g\+\+|gcc|c\+\+|clang).*|cc)$/.test(name))
        symlinkSync(join("/usr/bin", name), join(tools, name));
    }
    rmSync(join(tools, "node"), { force: true });
    symlinkSync(process.execPath, join(tools, "node"));
  }, 120_000);

  it.skipIf(why !== undefined)(
    "serves without a compiler, and is taken once",
    () => {
      const first = setup();
      expect(first.stderr).toMatch(/^setup: took the prebuilt addon for libtorch 1\.\d+\.\d+\n$/);
      expect(first.stdout).toMatch(/^snnseg +\d.*\nnode.*\nlibtorch +1\./);
      expect(setup().stderr).toBe("");
      const script = 'import { ones } from "snnseg/ops"; console.log(String(ones([2, 3])));';
      const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: home, env });
      expect(said.toString()).toBe("Tensor float32 [2, 3] cpu\n");
    },
    60_000,
  );

  it.skipIf(why !== undefined)(
    "is left alone where it is another version's or does not load",
    () => {
      const missing = /^setup: missing: g\+\+ cmake make/m;
      writeFileSync(join(addon, "snnseg_native.node"), "not a library");
      rmSync(env.SNNSEG_CACHE, { recursive: true });
      const damaged = setup();
      expect(damaged.stderr).toMatch(/the prebuilt addon does not load here .*so it is built/);
      expect(damaged.stderr).toMatch(missing);
      execFileSync("npm", ["pkg", "set", "version=9.9.9"], { cwd: addon });
      expect(setup().stderr).toMatch(missing);
    },
    60_000,
  );
});
