/** What a run costs and how it holds up, from the command line: spikes, energy, robustness, the report, tracking. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ComparisonReport } from "../../src/report/index.js";
import { isBuilt, lastJson, processTimeout, snnsegInside } from "./snnseg.js";
import { writeTinyData } from "./tiny-data.js";
import { writeTinyDdd17 } from "./tiny-events.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-closer-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const machine = ["--threads", "1"];
const small = ["--dataset", "folder", "--root", at("data"), "--img-size", "8", "--workers", "0", ...machine];
const short = [
  "--optimizer",
  "adam",
  "--batch-size",
  "3",
  "--epochs",
  "2",
  "--eval-every",
  "1",
  "--pictures",
  "1",
];
const [ann, snn, converted] = [at("ann"), at("snn"), at("converted")] as const;
const largestPage = 5 * 2 ** 20;
/** The paper's 45 nm process, picojoules. */
const [macPj, acPj] = [4.6, 0.9] as const;

/** The last line as JSON; says what went wrong otherwise. */
async function json<T = Record<string, unknown>>(...words: string[]): Promise<T> {
  const finished = await snnsegInside([...words, "--json"]);
  expect({ code: finished.code, err: finished.code === 0 ? "" : finished.err }).toEqual({ code: 0, err: "" });
  return lastJson(finished) as T;
}

async function fails(code: 1 | 2, message: RegExp, ...words: string[]): Promise<void> {
  const finished = await snnsegInside(words);
  expect(finished.err).toMatch(message);
  expect(finished.err).toMatch(/^error: [^\n]+\n$/m);
  expect(finished.err).not.toMatch(/^\s+at /m);
  expect(finished.code).toBe(code);
}

describe.skipIf(!isBuilt)("a closer look (skipped before the build)", { timeout: processTimeout }, () => {
  beforeAll(async () => {
    writeTinyData(at("data"));
    await json("train", ...small, ...short, "--model", "ann", "--run", ann);
    const tracked = ["--tensorboard", "--csv", "--timesteps", "2"];
    await json("train", ...small, ...short, ...tracked, "--run", snn);
    const conversion = ["--method", "percentile", "--timesteps", "4", "--batch-size", "3", "--pictures", "0"];
    await json("convert", ann, ...conversion, ...machine, "--run", converted);
  }, processTimeout);

  it("train --resume leaves a converted network alone", async () => {
    const best = join(converted, "checkpoints/best.safetensors");
    const before = readFileSync(best);
    const { code, err } = await snnsegInside(["train", "--resume", converted]);
    expect(code).toBe(1);
    expect(err).toMatch(/--resume: expected .*last\.safetensors, received none; .*--init-from/);
    expect(readFileSync(best)).toEqual(before);
  });

  it("train --tensorboard and --csv leave files that others read", () => {
    const [events] = readdirSync(join(snn, "tensorboard"));
    expect(events).toMatch(/tfevents/);
    const bytes = readFileSync(join(snn, "tensorboard", events!)).toString("latin1");
    for (const word of ["brain.Event:2", "mean IoU", "features.0", "\u0089PNG"])
      expect(bytes).toContain(word);
    const lines = readFileSync(join(snn, "metrics.csv"), "utf8").trimEnd().split("\r\n");
    expect(lines[0]).toMatch(/^kind,epoch,loss,lr,/);
    expect(lines.slice(1).map((line) => line.split(",", 2).join(" "))).toEqual([
      ...["epoch 1", "evaluation 1", "epoch 2", "evaluation 2"],
    ]);
    expect(existsSync(join(ann, "metrics.csv")) || existsSync(join(ann, "tensorboard"))).toBe(false);
  });

  it("eval --spikes counts every layer's spikes, and the scores stay", async () => {
    type Layer = Record<"neurons" | "averageSpikes" | "rate" | "silentShare", number> & {
      perTimestep: number[];
    };
    const scored = await json<{ meanIoU: number; spikes: { layers: Layer[] } }>("eval", snn, "--spikes");
    expect(scored.meanIoU).toBe((await json("eval", snn)).meanIoU);
    const { layers } = scored.spikes;
    expect(layers).toHaveLength(8);
    expect(layers[0]!.neurons).toBe(64 * 8 * 8);
    for (const { neurons, averageSpikes, rate, silentShare, perTimestep } of layers) {
      expect(perTimestep).toHaveLength(2);
      expect(rate).toBeCloseTo(averageSpikes / neurons, 12);
      expect(rate).toBeCloseTo(perTimestep[0]! + perTimestep[1]!, 12);
      // Who is not silent fires once or twice.
      expect(1 - silentShare).toBeGreaterThanOrEqual(rate / 2 - 1e-12);
      expect(1 - silentShare).toBeLessThanOrEqual(rate + 1e-12);
    }
    const { out } = await snnsegInside(["eval", snn, "--spikes"]);
    expect(out).toMatch(
      /^layer +neurons +average spikes +rate over T +per timestep +silent +saturated +dead$/m,
    );
    await fails(2, /--spikes: expected a spiking network/, "eval", ann, "--spikes");
  });

  it("energy counts operations and prices them in all models, or with the user's constants", async () => {
    type Row = { id: string; snn: { totalPj: number }; ann: { totalPj: number } };
    type Operations = { layers: { accumulates: number; multiplyAccumulates: number; denseMacs: number }[] };
    type Energy = {
      operations: { snn: Operations; ann: Operations };
      comparisons: { process: string; rows: Row[] }[];
      chips: object[];
    };
    const file = at("energy.json");
    const energy = await json<Energy>("energy", snn, "-o", file);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(energy);
    const [nm45, nm7] = energy.comparisons as [Energy["comparisons"][0], Energy["comparisons"][0]];
    expect([nm45.process, nm7.process, energy.chips.length]).toEqual(["45 nm", "7 nm", 6]);
    expect(nm45.rows).toHaveLength(6);
    const sum = (operations: Operations, key: keyof Operations["layers"][0]) =>
      operations.layers.reduce((total, layer) => total + layer[key], 0);
    const { snn: ours, ann: theirs } = energy.operations;
    expect(nm45.rows[0]!.snn.totalPj).toBeCloseTo(
      sum(ours, "accumulates") * acPj + sum(ours, "multiplyAccumulates") * macPj,
      3,
    );
    expect(nm45.rows[0]!.ann.totalPj).toBeCloseTo(sum(theirs, "denseMacs") * macPj, 3);

    const tables = JSON.parse((await snnsegInside(["energy", "--print-constants"])).out);
    writeFileSync(
      at("mine.json"),
      JSON.stringify({ processes: [{ ...tables.processes[0], name: "mine", acPj: 9 }], chips: [] }),
    );
    const mine = await json<Energy>("energy", snn, "--constants", at("mine.json"));
    expect(mine.comparisons.map(({ process }) => process)).toEqual(["mine"]);
    expect(mine.comparisons[0]!.rows[0]!.snn.totalPj).toBeCloseTo(10 * nm45.rows[0]!.snn.totalPj, 3);

    await fails(2, /energy: expected a run/, "energy");
    await fails(2, /expected a spiking network, received an ANN/, "energy", ann);
    writeFileSync(at("wrong.json"), "{}");
    await fails(
      1,
      /wrong\.json: .*processes.*--print-constants/,
      "energy",
      snn,
      "--constants",
      at("wrong.json"),
    );
    await fails(1, /none/, "energy", at("none"));
    await fails(1, /make folder .*energy\.json: .*ENOTDIR/, "energy", at("none"), "-o", join(file, "x"));
  });

  it("energy puts ANNs beside it, each scored on the data as it was trained to see them", async () => {
    const larger = at("larger");
    const others = ["--img-size", "16", "--preprocessing", "imagenet"];
    await json("train", ...small, ...short, "--model", "ann", ...others, "--run", larger);
    type Row = { network: string; meanIoU: number; bits: number };
    const { networks } = await json<{ networks: Row[] }>("energy", snn, "--ann", ann, "--ann", larger);
    const scores = await Promise.all(
      [snn, ann, larger].map(async (run) => (await json<{ meanIoU: number }>("eval", run)).meanIoU),
    );
    expect(networks.map(({ bits }) => bits)).toEqual([2, 32, 8, 32, 8]);
    expect([0, 1, 3].map((row) => networks[row]!.meanIoU)).toEqual(scores);
    expect(networks[3]!.network).toBe("ANN, float32");

    await fails(2, /--ann: expected an ANN, received a spiking network/, "energy", snn, "--ann", snn);
    await fails(1, /none/, "energy", snn, "--ann", at("none"));
    const digits = ["--dataset", "digits", "--digits-train", "3", "--digits-val", "2", "--img-size", "16"];
    await json("train", ...digits, ...machine, ...short, "--model", "ann", "--run", at("digits"));
    await fails(2, /--ann .*as the data of .*received .* of digits/, "energy", snn, "--ann", at("digits"));
  });

  it("robustness sweeps runs side by side and leaves what report finds", async () => {
    type Curve = { kind: string; points: { strength: number; perSeed: number[] }[] };
    const sweeps = ["gaussian=40", "fgsm=8", "threshold=0.5,1", "leak=0.9"].flatMap((sweep) => [
      "--noise",
      sweep,
    ]);
    const words = [
      "robustness",
      ann,
      snn,
      "--seeds",
      "2",
      ...sweeps,
      "--csv",
      at("curves.csv"),
      "--precision",
      "fast",
    ];
    const { runs } = await json<{ runs: { meanIoU: number; curves: Curve[] }[] }>(...words);
    expect(runs.map(({ curves }) => curves.map(({ kind }) => kind))).toEqual([
      ["gaussian", "fgsm"],
      ["gaussian", "fgsm", "threshold", "leak"],
    ]);
    const strengths = ({ points }: Curve) => points.map(({ strength }) => strength);
    expect(runs[1]!.curves.map(strengths)).toEqual([
      [0, 40],
      [0, 8],
      [1, 0.5],
      [0.99, 0.9],
    ]);
    expect(runs[1]!.curves[0]!.points.map(({ perSeed }) => perSeed.length)).toEqual([1, 2]);
    for (const [i, run] of [ann, snn].entries()) {
      expect(JSON.parse(readFileSync(join(run, "robustness.json"), "utf8"))).toEqual(runs[i]);
      expect(runs[i]!.meanIoU).toBeCloseTo((await json("eval", run)).meanIoU as number, 1); // fast: neurons may flip
    }
    expect(readFileSync(at("curves.csv"), "utf8").trimEnd().split("\r\n")).toHaveLength(1 + 4 + 8);
    await fails(2, /gaussian=10,20/, "robustness", snn, "--noise", "fog=1");
    await fails(2, /event-drop/, "robustness", snn, "--noise", "event-drop=0.5");
    await fails(2, /expected a spiking network for threshold/, "robustness", ann, "--noise", "threshold=2");
    await fails(2, /leak above 0 and at most 1, received 2/, "robustness", snn, "--noise", "leak=2");
  });

  it("robustness attacks with FGSM and PGD, once per strength", async () => {
    type Curve = { points: { strength: number; meanIoU: number; perSeed: number[] }[] };
    const loaded = at("attacked");
    cpSync(ann, loaded, { recursive: true });
    const sweeps = ["--noise", "fgsm=32", "--noise", "pgd=0,32", "--noise", "gaussian=10"];
    const { runs } = await json<{ runs: { curves: Curve[] }[] }>(
      "robustness",
      loaded,
      "--seeds",
      "2",
      ...sweeps,
    );
    const [fgsm, pgd] = runs[0]!.curves.map(({ points }) => points);
    // The neutral strength is scored once, and an attack, which is not random, once too.
    expect(pgd!.map(({ strength, perSeed }) => [strength, perSeed.length])).toEqual([
      [0, 1],
      [32, 1],
    ]);
    expect(pgd![0]).toEqual(fgsm![0]);
    expect(fgsm![1]!.meanIoU).toBeLessThan(fgsm![0]!.meanIoU);
    expect(pgd![1]!.meanIoU).toBeLessThan(pgd![0]!.meanIoU);
  });

  it("robustness drops events and makes some up", async () => {
    type Curve = {
      kind: string;
      unit: string;
      points: { strength: number; meanIoU: number; perSeed: number[] }[];
    };
    const run = at("events");
    const events = [
      "--dataset",
      "ddd17",
      "--root",
      writeTinyDdd17(at("ddd17")),
      "--img-size",
      "8",
      "--workers",
      "0",
    ];
    // An ANN: so little training leaves a spiking network silent, and deaf to noise.
    const learning = ["--model", "ann", "--lr", "1e-2", "--epochs", "8", "--eval-every", "8"];
    await json("train", ...events, ...short, ...machine, ...learning, "--run", run);
    const sweeps = ["--noise", "event-drop=0.5,1", "--noise", "event-spurious=0.1"];
    const words = ["robustness", run, "--seeds", "2", ...sweeps];
    const { runs } = await json<{ runs: { meanIoU: number; curves: Curve[] }[] }>(...words);
    const { meanIoU, curves } = runs[0]!;
    expect(meanIoU).toBeCloseTo((await json("eval", run)).meanIoU as number, 12);
    const told = curves.map(({ kind, unit, points }) => [kind, unit, points.map(({ strength }) => strength)]);
    expect(told).toEqual([
      ["event-drop", "share of events", [0, 0.5, 1]],
      ["event-spurious", "share of pixels", [0, 0.1]],
    ]);
    const [drop, spurious] = curves.map(({ points }) => points) as [Curve["points"], Curve["points"]];
    expect([...drop, ...spurious].map(({ perSeed }) => perSeed.length)).toEqual([1, 2, 2, 1, 2]);
    // Without any event left, every picture and every seed is the same.
    expect(drop[2]!.perSeed[0]).toBe(drop[2]!.perSeed[1]);
    expect(drop[2]!.meanIoU).not.toBe(drop[0]!.meanIoU);
    expect(drop[1]!.perSeed[0]).not.toBe(drop[1]!.perSeed[1]);
    expect(spurious[1]!.perSeed).not.toEqual([meanIoU, meanIoU]);
    await fails(
      2,
      /expected pictures for pgd, received the events of ddd17/,
      "robustness",
      run,
      "--noise",
      "pgd=8",
    );
  });

  it("report shows a trained pair and a converted network in one small page, as JSON and as CSV", async () => {
    const files = ["-o", at("r.html"), "--data", at("r.json"), "--csv", at("r.csv"), "--gallery", "2"];
    const { runs } = await json<{ runs: { name: string; meanIoU: number }[] }>(
      "report",
      ann,
      snn,
      converted,
      ...files,
    );
    expect(runs.map(({ name }) => name)).toEqual(["ann", "ann in 8 bits", "snn", "converted"]);
    for (const [i, run] of [ann, ann, snn, converted].entries()) {
      expect(runs[i]!.meanIoU).toBeCloseTo((await json("eval", run)).meanIoU as number, 1); // fast: neurons may flip
    }
    expect(statSync(at("r.html")).size).toBeLessThan(largestPage);
    const page = readFileSync(at("r.html"), "utf8");
    const [, inside = ""] = /id="report-data">(.*?)<\/script>/.exec(page) ?? [];
    const shown = JSON.parse(inside) as ComparisonReport;
    expect(shown.gallery.examples.map(({ predictions }) => predictions.length)).toEqual([4, 4]);
    const { gallery: _, ...rest } = shown;
    expect(JSON.parse(readFileSync(at("r.json"), "utf8"))).toEqual(rest);
    const [plain, small, trained, made] = shown.runs as [
      ComparisonReport["runs"][0],
      (typeof shown.runs)[0],
      (typeof shown.runs)[0],
      (typeof shown.runs)[0],
    ];
    expect(plain).toMatchObject({ spikes: null, anytime: null, energy: { process: "45 nm" } });
    const bits = ({ energy }: ComparisonReport["runs"][0]) => ("annPj" in energy ? energy : undefined)!;
    expect([bits(plain).bits, bits(small).bits]).toEqual([32, 8]);
    expect(bits(small).annPj).toBeLessThan(bits(plain).annPj / 10);
    expect(small).toMatchObject({ epochs: [], robustness: null });
    expect(trained.robustness?.curves).toHaveLength(4);
    expect(trained.epochs).toHaveLength(2);
    expect(made).toMatchObject({
      name: "converted",
      robustness: null,
      epochs: [],
      options: { timesteps: "4" },
    });
    expect(made.evaluations).toHaveLength(1);
    expect(made.facts["converted from"]).toMatch(/ann\/checkpoints\/best\.safetensors, method percentile/);
    for (const [run, steps] of [
      [trained, 2],
      [made, 4],
    ] as const) {
      expect(run.anytime!.meanIoU).toHaveLength(steps);
      expect(run.anytime!.meanIoU.at(-1)).toBeCloseTo(run.scores.meanIoU, 12);
      for (const { perTimestep, membranes } of run.spikes!.layers) {
        expect(perTimestep).toHaveLength(steps);
        expect(membranes.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
      }
      const energy = run.energy as Extract<typeof run.energy, { processes: unknown }>;
      expect(energy.processes.map(({ rows }) => rows.length)).toEqual([6, 6]);
    }
    const csv = readFileSync(at("r.csv"), "utf8").trimEnd().split("\r\n");
    expect(csv.map((line) => line.split(",", 1)[0])).toEqual([
      "run",
      "ann",
      "ann in 8 bits",
      "snn",
      "converted",
    ]);
    expect(csv[0]).toContain("pJ 45 nm float-event-driven");
  });

  it("report names what is wrong with its runs", async () => {
    const broken = at("broken");
    cpSync(snn, broken, { recursive: true });
    writeFileSync(join(broken, "robustness.json"), '{"curves":1}');
    await fails(1, /robustness\.json: .*run it again, or remove/, "report", broken, "-o", at("b.html"));
    await fails(2, /--names: expected 1 names/, "report", snn, "--names", "a,b", "-o", at("b.html"));
    writeTinyData(at("other"), { val: 2 });
    const other = ["train", ...small, ...short, "--epochs", "1", "--timesteps", "2", "--root", at("other")];
    await json(...other, "--run", at("stranger"));
    await fails(2, /compare runs of one data set/, "report", snn, at("stranger"), "-o", at("b.html"));
    expect(existsSync(at("b.html"))).toBe(false);
  });
});
