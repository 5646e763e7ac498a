/** The modules that are shipped are what native/wasm says. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { relaxedModule, simdModule, wasmCompiler, wasmStamp } from "./wasm-modules.js";

const script = join(import.meta.dirname, "../../../scripts/build-wasm");

function compilerHere(): string | undefined {
  try {
    return execFileSync("clang-19", ["--version"], { encoding: "utf8" }).split("\n")[0];
  } catch {
    return undefined;
  }
}

describe("the compiled kernels", () => {
  it("come from the sources and flags that are here", () => {
    expect(execFileSync(script, ["--stamp"], { encoding: "utf8" }).trim()).toBe(wasmStamp);
  });

  // Another compiler gives other bytes.
  it.skipIf(compilerHere() !== wasmCompiler)(`are what ${wasmCompiler} makes of them`, () => {
    const folder = mkdtempSync(join(tmpdir(), "snnseg-wasm-"));
    try {
      execFileSync(script, [join(folder, "modules.ts")]);
      const built = readFileSync(join(folder, "modules.ts"), "utf8");
      for (const module of [simdModule, relaxedModule]) expect(built).toContain(`"${module}"`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
