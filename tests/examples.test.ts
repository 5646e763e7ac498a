/** Every example runs as a user would run it. */
import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const examples = readdirSync(`${root}examples`).filter((name) => name.endsWith(".ts"));

describe("examples", () => {
  beforeAll(() => {
    execFileSync("npx", ["--no-install", "tsc", "-p", "tsconfig.examples.json"], { cwd: root });
  });

  it.each(examples)("%s runs and says something", (name) => {
    const script = `build/examples/${name.replace(/\.ts$/, ".js")}`;
    const output = execFileSync(process.execPath, [script], { cwd: root, encoding: "utf8" });
    expect(output.trim().length).toBeGreaterThan(0);
    expect(output).not.toMatch(/NaN|undefined/);
  });
});
