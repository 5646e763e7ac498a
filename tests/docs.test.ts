/** The documentation says what the program does. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commands } from "../src/cli/commands.js";
import { type ConfigKey, configKeys, flagOf, optionOf, presets } from "../src/config/index.js";

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../docs/${path}`, import.meta.url)), "utf8");

/** An option's row in `docs/options.md`. */
function optionRow(key: ConfigKey): string {
  const { value, help, default: initial, only } = optionOf(key);
  const flag = value === undefined ? flagOf(key) : `${flagOf(key)} ${value}`;
  const words = initial === null || `${initial}` === "" ? "" : key === "imgSize" ? "64x64" : String(initial);
  const rules = Object.entries(only ?? {}).map(([other, names]) => `${flagOf(other)} ${names.join(", ")}`);
  const cells = [`\`${flag.replaceAll("|", "\\|")}\``, words, help, rules.join("; ")];
  return `| ${cells.join(" | ")} |`;
}

describe("docs", () => {
  it.each(configKeys)("options.md has the row of %s", (key) => {
    expect(read("options.md")).toContain(optionRow(key));
  });

  it.each(Object.entries(presets))("options.md has preset %s", (name, { about }) => {
    expect(read("options.md")).toContain(`| \`${name}\` | ${about} |`);
  });

  it.each(commands.map(({ name }) => name))("commands/%s.md exists and the guide links it", (name) => {
    expect(existsSync(fileURLToPath(new URL(`../docs/commands/${name}.md`, import.meta.url)))).toBe(true);
    expect(read("guide.md")).toContain(`(commands/${name}.md)`);
  });
});
