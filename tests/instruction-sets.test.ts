import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const repository = fileURLToPath(new URL("..", import.meta.url));
const runner = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));

describe("training on bits without matrix tiles", () => {
  it.each(["avx512", "portable"])("holds on %s instructions", (isa) => {
    const { status, stdout } = spawnSync(
      process.execPath,
      [runner, "run", "src/neurons/packed-spikes.test.ts", "--reporter=default"],
      { cwd: repository, env: { ...process.env, SNNSEG_ISA: isa }, encoding: "utf8" },
    );
    expect(status, stdout).toBe(0);
  });
});
