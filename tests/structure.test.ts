/**
 * What keeps the tree navigable: imports follow the arrows of CONTRIBUTING's table, a folder is entered through its index.ts
 * only, by what runs in a browser through its web.ts, and no file needs itself in a circle.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../src");

/** Folders of src, lowest first; those of one line do not import each other. */
const layers = [
  ["errors.ts"],
  ["checks", "arrays"],
  ["files", "options", "random", "threads"],
  ["engine", "images", "events", "metrics"],
  ["nn", "web"],
  ["neurons"],
  ["models", "datasets"],
  ["activity"],
  ["serialization", "inference", "energy", "tracking"],
  ["config", "conversion", "export", "report"],
  ["environment", "distributed"],
  ["training"],
  ["analysis"],
  ["runs"],
  ["benchmarks", "serve"],
  ["cli", "entries"],
] as const;

interface Import {
  readonly file: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = (readdirSync(root, { recursive: true }) as string[]).filter(
  (path) => path.endsWith(".ts") && !path.endsWith(".test.ts") && !path.includes("fixtures"),
);
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), "utf8");
  const statements = text.matchAll(
    /^(?:import|export)\s(type\s)?[^;]*?from "(\.[^"]+)";|^import "(\.[^"]+)";|\bimport\("(\.[^"]+)"\)/gm,
  );
  return Array.from(statements, ([, type, from, bare, dynamic]) => {
    const path = join(dirname(join(root, file)), from ?? bare ?? dynamic ?? "");
    return { file, target: relative(root, path).replace(/\.js$/, ".ts"), typeOnly: type !== undefined };
  });
});

/** What the entry for pages reaches, be it for types. */
const inBrowser = new Set<string>();
for (const todo = ["entries/web.ts"]; todo.length > 0; ) {
  const file = todo.pop()!;
  if (inBrowser.has(file)) continue;
  inBrowser.add(file);
  todo.push(...imports.filter((each) => each.file === file).map(({ target }) => target));
}

const folderOf = (path: string) => path.split("/")[0]!;
const levelOf = (path: string) =>
  layers.findIndex((names) => (names as readonly string[]).includes(folderOf(path)));

describe("the tree of src", () => {
  it("has a place for every folder", () => {
    const known = new Set<string>([...layers.flat(), "index.ts"]);
    expect(files.map(folderOf).filter((folder) => !known.has(folder))).toEqual([]);
    expect(imports.length).toBeGreaterThan(1000);
  });

  it("imports downwards only", () => {
    const upward = imports.filter(
      ({ file, target }) =>
        file !== "index.ts" && folderOf(file) !== folderOf(target) && levelOf(target) >= levelOf(file),
    );
    expect(upward.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
  });

  it("enters a folder through its index.ts, or what runs in a browser through its web.ts where there is one", () => {
    const wrong = imports.filter(({ file, target }) => {
      if (file === "index.ts" || folderOf(file) === folderOf(target) || !target.includes("/")) return false;
      const web = `${folderOf(target)}/web.ts`;
      const face = inBrowser.has(file) && files.includes(web) ? web : `${folderOf(target)}/index.ts`;
      return target !== face;
    });
    expect(wrong.map(({ file, target }) => `${file} → ${target}`)).toEqual([]);
    expect(inBrowser.size).toBeGreaterThan(50);
  });

  it("keeps in cli/ only what parses, prints or exits", () => {
    const speaks =
      /from "commander"|from "[^"]*\/(terminal\/[^"]+|context|program)\.js"|console\.|process\.exit/;
    const wordsOnly = /^cli\/(.*\/)?((lines|terminal|flags)\/[^/]+|[^/]*-lines)\.ts$/;
    const silent = files.filter(
      (file) =>
        folderOf(file) === "cli" &&
        !wordsOnly.test(file) &&
        !speaks.test(readFileSync(join(root, file), "utf8")),
    );
    expect(silent).toEqual([]);
  });

  it("has no circles", () => {
    const neighbours = new Map<string, string[]>();
    for (const { file, target } of imports) neighbours.set(file, [...(neighbours.get(file) ?? []), target]);
    const circles: string[] = [];
    const done = new Set<string>();
    const walk = (file: string, path: readonly string[]) => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(" → "));
      if (at >= 0 || done.has(file)) return;
      for (const next of neighbours.get(file) ?? []) walk(next, [...path, file]);
      done.add(file);
    };
    for (const file of files) walk(file, []);
    expect(circles).toEqual([]);
  });
});
