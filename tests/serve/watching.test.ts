/** What happens to runs is told as it happens. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RunOverview, RunServer } from "../../src/serve/index.js";
import { epochLine, evaluationLine, WrittenRun } from "./run-files.js";
import { detailAt, EventReader, runsAt } from "./served.js";

let root = "";
let server: RunServer;
let events: EventReader;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "snnseg-watch-"));
  server = await RunServer.start({ root }, { port: 0 });
  events = new EventReader(server.address);
  await events.find("runs", () => true);
});
afterEach(async () => {
  await events.close();
  await server[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

const list = async () => runsAt(server.address);
const only = async () => detailAt(server.address, (await list())[0]!.id);
const seen = (satisfies: (run: RunOverview) => boolean) => events.find<RunOverview>("run", satisfies);

describe("a run", () => {
  it("appears, and its epochs within three seconds, from lines that come in pieces", async () => {
    const run = new WrittenRun(root, "mine");
    expect(await seen(({ name }) => name === "mine")).toMatchObject({
      ...{ model: "snn", arch: "dl-vgg9", timesteps: 2, preset: "quick", dataset: "digits" },
      ...{ epochsDone: 0, epochs: 10, best: null, state: "stopped", problem: null },
    });
    const line = epochLine(1);
    run.log(line.slice(0, 30));
    expect(await only()).toMatchObject({ epochsDone: 0, problem: null });
    run.log(line.slice(30));
    await seen(({ epochsDone }) => epochsDone === 1);
    run.log(evaluationLine(1, 0.375) + epochLine(2));
    const { best } = await seen(({ epochsDone }) => epochsDone === 2);
    expect(best).toEqual({ meanIoU: 0.375, epoch: 1 });
    const { epochLines, evaluations, latest, options, environment } = await only();
    expect(epochLines.map(({ epoch, lr }) => [epoch, lr])).toEqual([
      [1, 0.01],
      [2, 0.01],
    ]);
    expect(evaluations).toEqual([{ epoch: 1, loss: 0.5, meanIoU: 0.375, pixelAccuracy: 0.75 }]);
    expect(latest).toMatchObject({ perClassIoU: [0.25, null], baselineMeanIoU: 0.125 });
    expect(options).toContainEqual(["imgSize", "16, 32", ""]);
    expect(options).toContainEqual(["epochs", "10", "flag"]);
    expect(environment).toEqual({ node: "v20" });
  });

  it("shows its pictures as they appear and change, and its report", async () => {
    const run = new WrittenRun(root, "mine");
    const { version: begun } = await seen(({ name }) => name === "mine");
    run.picture("examples", 0);
    await seen(({ version }) => version > begun);
    const [before] = (await only()).pictures;
    expect(before!.name).toBe("examples");
    run.picture("examples", 255);
    run.write("report.html", "<title>report</title>");
    const { pictures, state, id } = await only();
    expect([pictures.length, state]).toEqual([1, "finished"]);
    expect(pictures[0]!.version).not.toBe(before!.version);
    const report = await fetch(`${server.address}api/runs/${id}/report`);
    expect(report.headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox/);
    expect(await report.text()).toContain("report");
  });

  it("that is deleted goes, with its pictures", async () => {
    const run = new WrittenRun(root, "mine");
    run.log(epochLine(1));
    const { id } = await seen(({ epochsDone }) => epochsDone === 1);
    rmSync(run.path, { recursive: true });
    expect(await events.find<{ id: string }>("gone", () => true)).toEqual({ id });
    expect(await list()).toEqual([]);
    expect((await fetch(`${server.address}api/runs/${id}`)).status).toBe(404);
  });

  it("that is resumed from an earlier line shows what the log holds now", async () => {
    const run = new WrittenRun(root, "mine");
    run.log(epochLine(1) + epochLine(2) + epochLine(3));
    await seen(({ epochsDone }) => epochsDone === 3);
    writeFileSync(join(run.path, "new"), epochLine(1));
    renameSync(join(run.path, "new"), join(run.path, "metrics.jsonl"));
    expect((await only()).epochLines.map(({ epoch }) => epoch)).toEqual([1]);
  });

  it("whose files are damaged says so, hides no other, and is whole again when they are", async () => {
    new WrittenRun(root, "whole");
    const run = new WrittenRun(root, "mine", { created: "2025-01-01" });
    run.log(`${epochLine(1)}nonsense\n${epochLine(2)}`);
    const damaged = await seen(({ epochsDone }) => epochsDone === 2);
    expect(damaged.problem).toMatch(/metrics\.jsonl, line 2: expected an epoch or an evaluation/);
    const record = await only();
    run.write("config.json", "{");
    const [first, second] = await list();
    expect([first!.problem, second!.problem]).toEqual([
      expect.stringMatching(/expected config\.json of a run/),
      null,
    ]);
    expect(first!.version).toBeGreaterThan(record.version);
    rmSync(run.path, { recursive: true });
    new WrittenRun(root, "mine").log(epochLine(1));
    expect((await list()).map(({ name, problem }) => [name, problem])).toEqual([
      ["mine", null],
      ["whole", null],
    ]);
  });

  it("of very many epochs costs no more than one of some hundreds", async () => {
    const run = new WrittenRun(root, "long", { epochs: 30_000 });
    for (let k = 0; k < 20; k++) {
      run.log(Array.from({ length: 1000 }, (_, i) => epochLine(1000 * k + i + 1)).join(""));
    }
    const { id } = (await list())[0]!;
    const text = await (await fetch(`${server.address}api/runs/${id}`)).text();
    expect(text.length).toBeLessThan(300_000);
    expect(JSON.parse(text)).toMatchObject({ epochsDone: 20_000 });
    run.log(epochLine(20_001));
    await seen(({ epochsDone }) => epochsDone === 20_001);
  });
});

describe("the server", () => {
  it("tells whoever connects again everything, and ends at once with connections open", async () => {
    new WrittenRun(root, "mine").log(epochLine(4));
    await events.close();
    events = new EventReader(server.address);
    const { runs } = await events.find<{ runs: RunOverview[] }>("runs", () => true);
    expect(runs).toMatchObject([{ name: "mine", epochsDone: 4 }]);
    const began = performance.now();
    await server[Symbol.asyncDispose]();
    await events.ended;
    expect(performance.now() - began).toBeLessThan(1000);
    server = await RunServer.start({ root }, { port: 0 });
  });

  it("watches certain runs and no others where it is told so", async () => {
    const runs = [new WrittenRun(root, "b").path];
    new WrittenRun(root, "a");
    await using few = await RunServer.start({ runs }, { port: 0 });
    expect((await runsAt(few.address)).map(({ name }) => name)).toEqual(["b"]);
  });

  it("refuses what is no run, and addresses that other machines reach", async () => {
    await expect(RunServer.start({ runs: [root] }, { port: 0 })).rejects.toThrow(/expected a run folder/);
    await expect(RunServer.start({ root }, { host: "0.0.0.0", port: 0 })).rejects.toThrow(
      /expected host to be a loopback address: .*forward the port/,
    );
  });
});
