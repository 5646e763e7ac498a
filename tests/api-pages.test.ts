/** The pages of docs/api: made from what is exported today, nothing undocumented, every example of them runs. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const kept = join(root, "docs/api");
const folder = mkdtempSync(join(tmpdir(), "snnseg-api-"));
const made = join(folder, "pages");
let said = "";
beforeAll(() => {
  const typedoc = join(root, "tests/oldest-typescript/node_modules/typedoc/bin/typedoc");
  const { stdout, stderr } = spawnSync(process.execPath, [typedoc, "--out", made], { cwd: root });
  said = `${stdout}${stderr}`;
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const pagesIn = (path: string) =>
  Object.fromEntries(readdirSync(path).map((name) => [name, readFileSync(join(path, name), "utf8")]));

/** The code under each heading "Example", by page and number. */
function examples(): (readonly [name: string, code: string])[] {
  return Object.entries(pagesIn(kept)).flatMap(([page, text]) =>
    Array.from(text.matchAll(/^#{4,} Example\n\n```ts\n(.*?)```/gms), ([, code = ""], n) => {
      return [`${page.replace(/\.md$/, "")}.${n + 1}`, code] as const;
    }),
  );
}

describe("docs/api", () => {
  it("documents every export, member, option and parameter, and every type that they mention", () => {
    expect(said.split("\n").filter((line) => /\[(warning|error)\]/.test(line.slice(0, 40)))).toEqual([]);
  });

  it("is what `npm run api` makes of the code today", () => {
    expect(Object.keys(pagesIn(kept))).toEqual(Object.keys(pagesIn(made)));
    expect(pagesIn(kept)).toEqual(pagesIn(made));
  });
});

describe("the examples of docs/api", () => {
  it("are there for the entry points", () => {
    expect(examples().length).toBeGreaterThanOrEqual(30);
  });

  it("have the types they need, and run", () => {
    const home = join(folder, "examples");
    mkdirSync(join(home, "node_modules"), { recursive: true });
    symlinkSync(root, join(home, "node_modules/snnseg"));
    writeFileSync(join(home, "package.json"), '{ "type": "module" }');
    for (const [name, code] of examples()) writeFileSync(join(home, `${name}.ts`), `${code}\nexport {};\n`);
    const config = {
      extends: join(root, "tsconfig.json"),
      compilerOptions: {
        ...{ noEmit: false, rootDir: ".", outDir: "out", declaration: false, sourceMap: false },
        ...{ noUnusedLocals: false, typeRoots: [join(root, "node_modules/@types")] },
      },
      include: ["*.ts"],
    };
    writeFileSync(join(home, "tsconfig.json"), JSON.stringify(config));
    const compiled = spawnSync("npx", ["--no-install", "tsc", "-p", join(home, "tsconfig.json")], {
      cwd: root,
    });
    expect(compiled.stdout.toString()).toBe("");
    const runnable = examples().filter(([, code]) => !code.startsWith("// not run"));
    expect(runnable.length).toBeGreaterThanOrEqual(20);
    const names = runnable.map(([name]) => `./${name}.js`);
    writeFileSync(
      join(home, "out/run.js"),
      `for (const name of ${JSON.stringify(names)}) {
         await import(name).catch((error) => { throw new Error(name, { cause: error }); });
       }`,
    );
    execFileSync(process.execPath, [join(home, "out/run.js")], { cwd: home, stdio: "pipe" });
  }, 120_000);
});
