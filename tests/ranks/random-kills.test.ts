import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Draws } from "../../src/random/index.js";
import { processTimeout } from "../cli/snnseg.js";
import { freePort, obstacle, rankOf, ranksOf, spiking, tinyTraining } from "./rank-processes.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-random-kills-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (run: string) => join(folder, run);
const last = (run: string) => join(at(run), "checkpoints", "last.safetensors");
/** Each takes a core some ten seconds; `SNNSEG_RANK_KILLS=5` for as many moments. */
const kills = Number(process.env.SNNSEG_RANK_KILLS ?? 1);
const epochs = 10;
/** Norms are each rank's own: that the same ranks give the same bytes again is shown of these here, of synchronised ones in `resume.test.ts`. */
const words = (run: string) => [
  ...[...tinyTraining, ...spiking, "--epochs", `${epochs}`, "--eval-every", "3"],
  ...["--save-every", "1", "--rank-timeout", "12", "--run", at(run)],
];
/** When a run was last saved; 0 before it ever was. */
const savedAt = (run: string) => statSync(last(run), { throwIfNoEntry: false })?.mtimeMs ?? 0;

describe.skipIf(obstacle !== "")(
  `kill -9 of a rank at a random moment${obstacle}`,
  { timeout: processTimeout },
  () => {
    beforeAll(async () => {
      for (const { code, err } of await ranksOf(2, words("whole"))) expect(code, err).toBe(0);
    }, processTimeout);

    it.each(Array.from({ length: kills }, (_, n) => n + 1))(
      "is named by the other rank, and the run goes on to the same bytes: %i",
      async (seed) => {
        const draws = new Draws(seed);
        const [gone, saves, wait] = [draws.integer(2), 1 + draws.integer(30), draws.between(0, 30)];
        const run = `killed-${seed}`;
        const port = await freePort();
        let killedAt = Number.POSITIVE_INFINITY;
        const ends = [0, 1].map((rank) =>
          rankOf(rank, words(run), {
            ...{ world: 2, port },
            onStart(child) {
              if (rank !== gone) return;
              let [seen, before] = [0, 0];
              const watch = setInterval(() => {
                const now = savedAt(run);
                if (now !== before) seen++;
                before = now;
                if (seen < saves) return;
                clearInterval(watch);
                setTimeout(() => {
                  killedAt = performance.now();
                  child.kill("SIGKILL");
                }, wait);
              }, 2);
              child.on("exit", () => clearInterval(watch));
            },
          }),
        );
        const other = await ends[1 - gone]!;
        expect(performance.now() - killedAt).toBeLessThan(13_500);
        await Promise.all(ends);
        expect(other.code, other.err).toBe(1);
        expect(other.err.trim().split("\n").at(-1)).toContain(`rank ${gone} no longer answers`);
        for (const { code, err } of await ranksOf(2, ["train", "--resume", at(run)]))
          expect(code, err).toBe(0);
        expect(readFileSync(last(run)).equals(readFileSync(last("whole")))).toBe(true);
      },
    );
  },
);
