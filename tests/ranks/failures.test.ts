import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Finished, processTimeout, snnseg } from "../cli/snnseg.js";
import { freePort, obstacle, type RankStart, rankOf, spiking, tinyTraining } from "./rank-processes.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-rank-failures-"));
afterAll(() => rmSync(folder, { recursive: true }));
let runs = 0;
const freshRun = () => join(folder, `run-${++runs}`);
const endless = (run: string) => [
  ...[...tinyTraining, ...spiking, "--epochs", "5000", "--eval-every", "5000"],
  ...["--save-every", "2", "--rank-timeout", "12", "--run", run],
];
/** A line that says what is wrong, and nothing else. */
const oneLine = ({ err }: Finished) => err.trim().split("\n");

describe
  .skipIf(obstacle !== "")
  .concurrent(`a rank that is gone${obstacle}`, { timeout: processTimeout }, () => {
    it.each([
      { signal: "SIGKILL", world: 3, gone: 2 },
      { signal: "SIGSTOP", world: 2, gone: 1 },
    ] as const)("ends the others: $signal of rank $gone of $world", async ({ signal, world, gone }) => {
      const run = freshRun();
      const port = await freePort();
      let [since, pid] = [0, 0];
      const ends = Array.from({ length: world }, (_, rank) => {
        const onStart: RankStart["onStart"] = (child) => {
          if (rank !== gone) return;
          pid = child.pid!;
          const watch = setInterval(() => {
            if (!existsSync(join(run, "checkpoints/last.safetensors"))) return;
            clearInterval(watch);
            since = performance.now();
            process.kill(pid, signal);
          }, 20);
        };
        return rankOf(rank, endless(run), { world, port, onStart });
      });
      const others = await Promise.all(ends.filter((_, rank) => rank !== gone));
      expect(performance.now() - since).toBeLessThan(13_500);
      if (signal === "SIGSTOP") process.kill(pid, "SIGKILL");
      await Promise.all(ends);
      for (const end of others) {
        expect(end.code).toBe(1);
        expect(oneLine(end).at(-1)).toContain(`rank ${gone} no longer answers`);
      }
    });

    it("is named by the launcher, which ends the others", async () => {
      const run = freshRun();
      const words = [...endless(run), "--nproc", "2"];
      let [pid, libraries] = [0, ""];
      const end = await snnseg(words, {
        onStart: (child) => {
          pid = child.pid!;
          const watch = setInterval(() => {
            if (!existsSync(join(run, "checkpoints/last.safetensors"))) return;
            clearInterval(watch);
            libraries = readFileSync(`/proc/${pid}/maps`, "utf8");
            const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ");
            process.kill(Number(children[1]), "SIGKILL");
          }, 20);
        },
      });
      expect(end.code).toBe(1);
      expect(end.err).toContain("error: rank 1 was killed by SIGKILL");
      // It waits for others: libtorch would take it a second and 150 MB.
      expect(libraries).toContain("node");
      expect(libraries).not.toContain("libtorch");
    });
  });
