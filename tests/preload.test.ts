/** libtorch loaded beside the program's modules. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const engine = fileURLToPath(new URL("../dist/engine/index.js", import.meta.url));

/** Runs a program that has the engine's module as `engine`, to its end. */
function run(body: string): string {
  const program = `const engine = await import(${JSON.stringify(engine)}); ${body}`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" });
}

describe.skipIf(!existsSync(engine))("preloadEngine (skipped before the build)", () => {
  it("leaves an engine that works, however often it is asked for", () => {
    const body = "engine.preloadEngine(); engine.preloadEngine(); const x = engine.full([3], 2);";
    expect(run(`${body} engine.preloadEngine(); console.log(x.toArray().join());`)).toBe("2,2,2\n");
  });

  it("lets a program end that never uses it", () => {
    expect(run("engine.preloadEngine(); console.log('done');")).toBe("done\n");
    expect(run("engine.preloadEngine(); console.log('done'); process.exit(0);")).toBe("done\n");
  });
});
