/** `scripts/progress`: how far a task is, for people. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { withoutTimes } from "./without-times.js";

const script = fileURLToPath(new URL("../../scripts/progress", import.meta.url));
const log =
  "-- Configuring\\n[  4%] a\\n[ 12%] b\\n[ 13%] c\\n[ 55%] d\\n[ 55%] e\\nwarning: 99% of f\\n[100%] g\\n";
const hasTerminal = spawnSync("script", ["--version"]).status === 0;

describe("progress", () => {
  it("writes a line at each quarter into a pipe", () => {
    const { stdout, stderr } = spawnSync(
      "bash",
      ["--norc", "-c", `printf '%b' '${log}' | "$0" task`, script],
      {
        encoding: "utf8",
      },
    );
    expect(stdout).toBe("");
    expect(withoutTimes(stderr)).toBe("task: 55 %\ntask: 99 %\ntask: took TIME\n");
  });

  it("names the time left once it can tell", () => {
    const program = `{ sleep 3; echo '[ 60%] x'; } | "$0" task`;
    const { stderr } = spawnSync("bash", ["--norc", "-c", program, script], { encoding: "utf8" });
    expect(stderr).toMatch(/^task: 60 %, about [2-9]\d* s left\ntask: took \d+ s\n$/);
  });

  it("goes by the pace of the last fifth", () => {
    const program = `{ echo '[ 50%] x'; sleep 4; echo '[ 75%] y'; } | "$0" task`;
    const { stderr } = spawnSync("bash", ["--norc", "-c", program, script], { encoding: "utf8" });
    expect(stderr).toMatch(/^task: 50 %\ntask: 75 %, about [4-9]\d* s left\n/);
  });

  it.skipIf(!hasTerminal)("keeps to one live line on a terminal (skipped without the program script)", () => {
    const program = `printf '%b' '${log}' | '${script}' task`;
    const { stdout } = spawnSync("script", ["-qec", program, "/dev/null"], { encoding: "utf8" });
    const shares = [4, 12, 13, 55, 99].map((percent) => `\r\x1b[Ktask: ${percent} %`);
    expect(withoutTimes(stdout)).toBe(`${shares.join("")}\r\x1b[Ktask: took TIME\r\n`);
  });
});
