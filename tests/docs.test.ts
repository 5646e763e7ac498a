/** The documentation says what the program does. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { commands } from "../src/cli/commands.js";
import { type ConfigKey, configKeys, flagOf, optionOf, presets } from "../src/config/index.js";

const docs = (path: string) => fileURLToPath(new URL(`../docs/${path}`, import.meta.url));
const read = (path: string) => readFileSync(docs(path), "utf8");
const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

function optionRow(key: ConfigKey): string {
  const { value, help, default: initial, only } = optionOf(key);
  const flag = value === undefined ? flagOf(key) : `${flagOf(key)} ${value}`;
  const words =
    initial === null ? "" : Array.isArray(initial) && key === "imgSize" ? initial.join("x") : String(initial);
  const rules = only.map((needs) => {
    return Object.entries(needs).map(([other, names]) => {
      if (names.includes("null")) return `no ${flagOf(other)}`;
      return names.includes("any") ? flagOf(other) : `${flagOf(other)} ${names.join(", ")}`;
    });
  });
  return row([`\`${flag}\``, words, help, rules.map((needs) => needs.join("; ")).join(" **or** ")]);
}

/** `docs/options.md`: its introduction as it stands, and the tables as the program has them. */
function optionsPage(): string {
  const [introduction = ""] = read("options.md").split("\n## ");
  const groups = [...new Set(configKeys.map((key) => optionOf(key).group))].map((group) => {
    const keys = configKeys.filter((key) => optionOf(key).group === group);
    const head = "| option | default | meaning | only with |\n|---|---|---|---|";
    return `## ${group}\n\n${head}\n${keys.map(optionRow).join("\n")}\n`;
  });
  const list = Object.entries(presets).map(([name, { about }]) => row([`\`${name}\``, about]));
  const named = `## Presets\n\n| preset | what it is |\n|---|---|\n${list.join("\n")}\n`;
  return [introduction, ...groups, named].join("\n");
}

describe("docs", () => {
  it("options.md has the tables of the program (after a change: npx vitest run tests/docs.test.ts -u)", async () => {
    await expect(optionsPage()).toMatchFileSnapshot(docs("options.md"));
  });

  it.each(commands.map(({ name }) => name))("commands/%s.md exists and the guide links it", (name) => {
    expect(existsSync(docs(`commands/${name}.md`))).toBe(true);
    expect(read("guide.md")).toContain(`(commands/${name}.md)`);
  });
});
