import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isBuilt } from "./snnseg.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

describe.skipIf(!isBuilt)("a closed pipe (skipped before the build)", () => {
  it.each(["--help", "models"])("ends %s without a word, as the reader is gone", (word) => {
    // The reader closes its end before the first word comes.
    const script = `{ sleep 0.2; "$0" "$1" "$2"; echo "code $?" >&2; } | exec true`;
    const { stderr } = spawnSync("bash", ["-c", script, process.execPath, main, word], { encoding: "utf8" });
    expect(stderr).toBe("code 141\n");
  });
});
