/** Benchmarks run for real, small: their figures are not tested. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isBuilt, lastJson, processTimeout, snnseg, snnsegInside } from "./snnseg.js";
import { tinyNet, writeTinyData } from "./tiny-data.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-bench-test-"));
const tiny = ["--threads", "1", "--rounds", "1", "--batch-size", "1"];
const small = [...tiny, "--timesteps", "2", "--img-size", "16"];
afterAll(() => rmSync(folder, { recursive: true }));

const bench = async (words: readonly string[]) => lastJson(await snnsegInside(["bench", ...words, "--json"]));

describe.skipIf(!isBuilt)("bench (skipped before the build)", { timeout: processTimeout }, () => {
  it("without a command times training and inference in every precision, and says which to take", async () => {
    const result = await bench([...small, "--density", "25%"]);
    expect(result).toMatchObject({ benchmark: "summary", density: 0.25, timesteps: 2 });
    const { training, inference, verdict } = result as Record<string, Record<string, { ms: number }>>;
    expect(Object.keys(training!)).toEqual(["twin", "fp32", "bf16"]);
    expect(Object.keys(inference!)).toEqual(["twin", "fp32", "fast", "int8"]);
    expect(training).toHaveProperty(String(verdict!.training));
    expect(inference).toHaveProperty(String(verdict!.inference));
    const text = await snnseg(["bench", ...small]);
    expect(text.out).toMatch(/^train with --precision (fp32|bf16), [\d.]+ times the twin's speed/m);
    const unknown = await snnseg(["bench", "stp"]);
    expect([unknown.code, unknown.err]).toEqual([2, expect.stringMatching(/received stp; .*step/)]);
  });

  it("step compares times, memory and gradients at the density that is asked for", async () => {
    const result = await bench(["step", ...small, "--density", "25%", "--precision", "fp32"]);
    expect(result).toMatchObject({ benchmark: "step", precision: "fp32", density: 0.25, timesteps: 2 });
    const { ratio, memoryRatio, ours, twin, densities, agreement } = result as {
      ratio: number;
      memoryRatio: number;
      ours: { ms: number; peakBytes: number };
      twin: { ms: number; peakBytes: number };
      densities: Record<string, number>;
      agreement: { lossDifference: number; gradientCosines: Record<string, number> };
    };
    expect(ratio).toBeCloseTo(twin.ms / ours.ms, 9);
    expect(memoryRatio).toBeCloseTo(twin.peakBytes / ours.peakBytes, 9);
    expect(densities["features.0"]).toBeCloseTo(0.25, 1);
    expect(agreement.gradientCosines["classifier.1.weight"]).toBeGreaterThan(0.99);
  });

  it("infer and step take a trained run on a batch of its data; --explain names the kernels", async () => {
    const [data, run] = [join(folder, "data"), join(folder, "run")];
    writeTinyData(data);
    await snnsegInside(["train", "--root", data, ...tinyNet, "--epochs", "1", "--run", run]);
    const common = { timesteps: 2, imgSize: [8, 8], batchSize: 1, arch: "dl-vgg9" };
    for (const name of ["infer", "step"]) {
      const result = await bench([name, "--run", run, ...tiny]);
      expect(result).toMatchObject({ benchmark: name, ...common });
      expect(result.density).toBeUndefined();
    }
    const explained = [
      await bench(["infer", "--run", run, ...tiny, "--explain"]),
      lastJson(await snnsegInside(["eval", run, "--precision", "fast", "--explain", "--json"])),
    ];
    for (const { kernels } of explained as { kernels: { form: string; density: number }[] }[]) {
      expect(kernels).toHaveLength(8);
      for (const { form, density } of kernels) {
        expect(form).toMatch(/^(dense1[46]|either14|gather14)$/);
        expect(density).toBeLessThan(1);
      }
    }
    const exact = await snnsegInside(["eval", run, "--explain"]);
    expect([exact.code, exact.err]).toEqual([2, expect.stringContaining("--precision exact, fast")]);
    const own = await bench(["infer", "--run", run, ...tiny, "--precision", "fp32"]);
    expect(own).toMatchObject({ precision: "fp32", agreement: 1 });
    expect(own).not.toHaveProperty("packedWeightBytes");
    const clash = await snnsegInside(["bench", "step", "--run", run, "--arch", "dl-vgg16"]);
    expect(clash.code).toBe(2);
    expect(clash.err).toContain("--arch");
  });

  it("scale sweeps one size at a time and plots", async () => {
    const plot = join(folder, "scale.svg");
    const sweep = ["--sweep", "timesteps=1,2", "--sweep", "img-size=16"];
    const { points, ratio } = (await bench(["scale", ...small, ...sweep, "-o", plot])) as {
      points: { work: string; sweep: string; value: number; twin: object; ours: object }[];
      ratio: number;
    };
    expect(points.map(({ work, sweep: name, value }) => [work, name, value].join(" "))).toEqual([
      ...["step timesteps 1", "step timesteps 2", "step img-size 16"],
      ...["infer timesteps 1", "infer timesteps 2", "infer img-size 16"],
    ]);
    expect(points[2]!.ours).toEqual(points[1]!.ours); // the same size, measured once
    expect(ratio).toBeGreaterThan(0);
    expect(readFileSync(plot, "utf8")).toContain("Time over timesteps");
  });

  it("load reads generated pictures by every number of threads and batch size", async () => {
    const pass = ["--images", "4", "--rounds", "1", "--step-ms", "1", "--img-size", "16"];
    const { loaders } = (await bench(["load", ...pass, "--workers", "0,1", "--batch-size", "2"])) as {
      loaders: { workers: number; imagesPerSecond: { first: number } }[];
    };
    expect(loaders.map(({ workers }) => workers)).toEqual([0, 1]);
    for (const { imagesPerSecond } of loaders) expect(imagesPerSecond.first).toBeGreaterThan(0);
  });
});
