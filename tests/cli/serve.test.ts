import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type RunOverview, RunServer } from "../../src/serve/index.js";
import { EventReader, within } from "../serve/served.js";
import { type Finished, isBuilt, processTimeout, snnseg, snnsegInside } from "./snnseg.js";
import { writeTinyData } from "./tiny-data.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-serve-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("what cannot be served", () => {
  it("is a port in use: the sentence names it and the way out", async () => {
    await using server = await RunServer.start({ root: folder }, { port: 0 });
    const { port } = new URL(server.address);
    const { code, err } = await snnsegInside(["serve", "--root", folder, "--port", port]);
    expect(code).toBe(2);
    expect(err).toBe(
      `error: serve --port: expected a free port, received ${port}, one that another program listens on (EADDRINUSE); ` +
        "choose another, or 0 for any that is free\n",
    );
  });

  it.each([
    [["--port", "70000"], "Expected a whole number from 0 to 65535"],
    [["--port", "0x50"], "Expected a whole number from 0 to 65535"],
    [["--host", "0.0.0.0"], "expected host to be a loopback address"],
    [[join(folder, "none")], "expected a run folder with config.json"],
    [["999999"], "expected a run folder, a checkpoint, or a number"],
  ])("is %j", async (words, sentence) => {
    const { code, err } = await snnsegInside(["serve", ...words]);
    expect([code, err]).toEqual([2, expect.stringContaining(sentence)]);
  });
});

/** `snnseg serve` in a process of its own, which Ctrl-C ends. */
async function served(
  use: (address: string) => Promise<void>,
): Promise<Finished & { readonly endMs: number }> {
  let out = "";
  let stop = () => {};
  const finished = snnseg(["serve", "--root", folder, "--port", "0", "--json"], {
    onStart(child) {
      child.stdout!.on("data", (piece) => {
        out += piece;
      });
      stop = () => child.kill("SIGINT");
    },
  });
  const line = await within(processTimeout, () => /^\{.*\}$/m.exec(out)?.[0]);
  let endMs = 0;
  try {
    await use((JSON.parse(line) as { address: string }).address);
  } finally {
    endMs = performance.now();
    stop();
  }
  const ended = await finished;
  return { ...ended, endMs: performance.now() - endMs };
}

describe.skipIf(!isBuilt)("snnseg serve (skipped before the build)", { timeout: processTimeout }, () => {
  it("shows a training live, says where it is as JSON, and ends with Ctrl-C while somebody listens", async () => {
    const data = join(folder, "data");
    writeTinyData(data);
    const small = [
      "--dataset",
      "folder",
      "--root",
      data,
      "--img-size",
      "8",
      "--threads",
      "1",
      "--workers",
      "0",
    ];
    const quick = ["--optimizer", "adam", "--batch-size", "3", "--timesteps", "2", "--eval-every", "1"];
    const run = join(folder, "mine");
    let events: EventReader | undefined;
    const { code, out, err, endMs } = await served(async (address) => {
      events = new EventReader(address);
      await events.find("runs", () => true);
      const trained = await snnseg(["train", ...small, ...quick, "--epochs", "3", "--run", run]);
      expect(trained.code).toBe(0);
      await events.find<RunOverview>("run", ({ state }) => state === "finished");
      const told = events.events
        .filter(({ event }) => event === "run")
        .map(({ data }) => data as RunOverview);
      expect(told.filter(({ state }) => state === "running").length).toBeGreaterThan(0);
      expect(told.at(-1)).toMatchObject({ ...{ name: "mine", epochsDone: 3, epochs: 3, problem: null } });
      expect(told.at(-1)!.best!.meanIoU).toBeGreaterThan(0);
      const done = told.map(({ epochsDone }) => epochsDone);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
    });
    await events?.ended;
    expect([code, out.trim().split("\n").length]).toEqual([130, 1]);
    expect(err).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ · Ctrl-C ends\n$/);
    expect(endMs).toBeLessThan(3000);
  });
});
