/** Networks on every instruction set that this processor has; the kernels themselves: scripts/test-kernels. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { instructionSet, instructionSets } from "../src/inference/index.js";
import { isBuilt, processTimeout, snnseg } from "./cli/snnseg.js";

const repository = fileURLToPath(new URL("..", import.meta.url));
const runner = fileURLToPath(new URL("../node_modules/vitest/vitest.mjs", import.meta.url));
const tests = [
  "src/neurons/packed-spikes.test.ts",
  "src/inference/fuse-snn.test.ts",
  "src/models/precision.test.ts",
  "src/nn/conv.test.ts",
];

/** What kernels compute; other networks and options take the same. */
const ofKernels = "dl-vgg9 fused|bf16|on bits|strides or groups";

const { available, lacking } = instructionSets();
const used = instructionSet();

describe("networks on each instruction set", { timeout: processTimeout }, () => {
  it.each(available.filter((name) => name !== used))("hold on %s", (name) => {
    const { status, stdout } = spawnSync(process.execPath, [runner, "run", ...tests, "-t", ofKernels], {
      cwd: repository,
      env: { ...process.env, SNNSEG_ISA: name, NO_COLOR: "1", FORCE_COLOR: undefined },
      encoding: "utf8",
    });
    expect(status, stdout).toBe(0);
    // No file was left out as a whole.
    expect(stdout).toMatch(new RegExp(`Test Files +${tests.length} passed`));
  });

  it.skip.each(lacking)("hold on %s (skipped: this processor lacks it)", () => {});
});

describe.skipIf(!isBuilt)("SNNSEG_ISA (skipped before the build)", { timeout: processTimeout }, () => {
  it.each(["nonsense", ...lacking.slice(0, 1)])("%s is refused with what there is", async (name) => {
    const { code, err } = await snnseg(
      ["bench", "infer", "--timesteps", "1", "--img-size", "16", "--rounds", "1"],
      {
        env: { SNNSEG_ISA: name },
      },
    );
    expect(err).toContain(
      `SNNSEG_ISA: expected an instruction set that this processor has (${available.join(", ")}), received ${name};`,
    );
    expect(code).toBe(2);
  });
});
