/** Two machines as far as one can play them: network namespaces with a cable between them, and no loopback in common. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { processTimeout, snnsegInside } from "../cli/snnseg.js";
import { obstacle, spiking, tinyTraining } from "./rank-processes.js";
import { weightsApart } from "./weights-apart.js";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const names = [0, 1].map((i) => `snnseg-${process.pid}-${i}`);
const ip = (...words: string[]) => spawnSync("ip", words).status === 0;
const why =
  obstacle || (ip("netns", "add", names[0]!) ? "" : " (skipped, as network namespaces need ip and root)");

describe.skipIf(why !== "")(`ranks in two network namespaces${why}`, { timeout: processTimeout }, () => {
  const folder = mkdtempSync(join(tmpdir(), "snnseg-namespaces-"));
  beforeAll(() => {
    const cable = [0, 1].map((i) => `sns${process.pid % 100_000}-${i}`);
    expect(ip("netns", "add", names[1]!)).toBe(true);
    expect(ip("link", "add", cable[0]!, "type", "veth", "peer", "name", cable[1]!)).toBe(true);
    for (const [i, name] of names.entries()) {
      expect(ip("link", "set", cable[i]!, "netns", name)).toBe(true);
      expect(ip("-n", name, "addr", "add", `10.87.0.${i + 1}/24`, "dev", cable[i]!)).toBe(true);
      for (const device of [cable[i]!, "lo"]) expect(ip("-n", name, "link", "set", device, "up")).toBe(true);
    }
  });
  afterAll(() => {
    for (const name of names) ip("netns", "del", name);
    rmSync(folder, { recursive: true });
  });

  it("train as one process does", async () => {
    const at = (run: string) => join(folder, run);
    const words = (run: string) => [...tinyTraining, ...spiking, "--sync-norm", "--run", at(run)];
    const codes = await Promise.all(
      names.map(async (name, rank) => {
        const place = { RANK: `${rank}`, WORLD_SIZE: "2", MASTER_ADDR: "10.87.0.1", MASTER_PORT: "29500" };
        const command = ["netns", "exec", name, process.execPath, main, ...words("apart")];
        const child = spawn("ip", command, { env: { ...process.env, ...place }, stdio: "ignore" });
        return (await once(child, "close"))[0] as number;
      }),
    );
    expect(codes).toEqual([0, 0]);
    const { code, err } = await snnsegInside(words("alone"));
    expect(code, err).toBe(0);
    expect(await weightsApart(at("alone"), at("apart"))).toBeLessThan(1e-5);
  });
});
