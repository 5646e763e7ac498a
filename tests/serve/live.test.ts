/** The live page of a watched run: the file of the export, made when it is asked for. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { exportRun } from "../../src/runs/index.js";
import { RunServer } from "../../src/serve/index.js";
import { savedConfigs, saveNetwork } from "../saved-network.js";
import { WrittenRun } from "./run-files.js";
import { runsAt } from "./served.js";

const root = mkdtempSync(join(tmpdir(), "snnseg-serve-live-"));
let server: RunServer;

async function runWith(name: string, config: Parameters<typeof saveNetwork>[1]): Promise<WrittenRun> {
  const run = new WrittenRun(root, name);
  mkdirSync(join(run.path, "checkpoints"));
  await saveNetwork(join(run.path, "checkpoints", "best"), config);
  return run;
}

const idOf = async (name: string) => (await runsAt(server.address)).find((run) => run.name === name)!.id;
const live = async (name: string) => fetch(`${server.address}api/runs/${await idOf(name)}/live`);

beforeAll(async () => {
  server = await RunServer.start({ root }, { port: 0 });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

describe("the live page of a run", { timeout: 120_000 }, () => {
  it("is that of snnseg export, made meanwhile others are answered, and leaves nothing in the run's folder", async () => {
    const run = await runWith("mine", savedConfigs.snn);
    const before = readdirSync(run.path, { recursive: true });
    let answered = false;
    const asked = live("mine").then((answer) => {
      answered = true;
      return answer;
    });
    const [overview] = await runsAt(server.address);
    expect(answered).toBe(false);
    expect(overview).toMatchObject({ name: "mine", hasCheckpoint: true });
    const answer = await asked;
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    expect(answer.headers.get("content-security-policy")).toBe(policy);
    expect(readdirSync(run.path, { recursive: true })).toEqual(before);
    const output = join(root, "exported.html");
    await exportRun(run.path, { to: "web", output });
    expect(await answer.text()).toBe(readFileSync(output, "utf8"));
    await saveNetwork(join(run.path, "checkpoints", "best"), savedConfigs.ann);
    const page = await (await live("mine")).text();
    await exportRun(run.path, { to: "web", output, overwrite: true });
    expect(page).toBe(readFileSync(output, "utf8"));
  });

  it("is not there before the first checkpoint", async () => {
    new WrittenRun(root, "begun");
    expect((await runsAt(server.address)).find(({ name }) => name === "begun")).toMatchObject({
      hasCheckpoint: false,
    });
    expect((await live("begun")).status).toBe(404);
    expect((await fetch(`${server.address}api/runs/0123456789abcdef/live`)).status).toBe(404);
  });

  it("is a sentence where the page cannot run the network or the checkpoint is damaged", async () => {
    await runWith("delayed <b>", { ...savedConfigs.snn, fullPropagation: true });
    const refused = await live("delayed <b>");
    expect(refused.status).toBe(422);
    expect(refused.headers.get("content-security-policy")).toContain(
      "default-src 'none'; script-src 'self';",
    );
    const page = await refused.text();
    expect(page).toContain("delayed &lt;b&gt; has no live page");
    expect(page).toContain("extra timesteps");
    const run = await runWith("cut", savedConfigs.snn);
    truncateSync(join(run.path, "checkpoints", "best.safetensors"), 1000);
    const cut = await live("cut");
    expect(cut.status).toBe(422);
    expect(await cut.text()).toContain("best.safetensors");
  });
});
