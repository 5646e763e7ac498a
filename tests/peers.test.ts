/** `bench/peers`: the processes understand each other, and other frameworks' networks are ours. */
import { execFile, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { computingOf } from "../src/training/index.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const tiny = "--batch-size 2 --timesteps 2 --img-size 16 --rounds 1 --threads 1 --density 10%".split(" ");
const timeout = 300_000;

type Row = {
  readonly who: string;
  readonly work: string;
  readonly precision?: string;
  readonly ms: number;
  readonly peakBytes: number | null;
  readonly samplesPerSecond: number;
  readonly ratioToPlain?: { readonly ms: number };
};

async function compare(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("node", ["bench/peers/compare.mjs", ...args], { cwd: root });
  return stdout;
}

function names(rows: readonly Row[]): string[] {
  return rows.map(({ who, work, precision }) => [who, work, precision].filter(Boolean).join(" "));
}

describe("bench/peers", () => {
  it(
    "times ours alone, process by process",
    async () => {
      const { rows } = JSON.parse(await compare(...tiny, "--peers", "none", "--json")) as { rows: Row[] };
      // What `auto` takes here is timed beside bf16.
      const { precision } = computingOf({ device: "cpu", precision: "auto", model: "snn" });
      const steps = [...new Set(["bf16", precision])].map((each) => `ours step ${each}`);
      expect(names(rows)).toEqual(["ours infer fast", "ours infer int8", ...steps]);
      for (const { ms, samplesPerSecond, peakBytes, ratioToPlain } of rows) {
        expect(ms).toBeGreaterThan(0);
        expect(samplesPerSecond).toBeCloseTo(2000 / ms, 6);
        if (process.platform === "linux") expect(peakBytes).toBeGreaterThan(0);
        expect(ratioToPlain).toBeUndefined();
      }
    },
    timeout,
  );

  const python = pythonWithTorch();
  describe.skipIf(python === undefined)(
    "with PyTorch (needs bench/peers/setup, or PyTorch 2 in python3)",
    () => {
      const peers = (names: string) => ["--python", String(python), "--peers", names];

      it(
        "finds the scores, loss, gradients and statistics of ours in every peer",
        async () => {
          const lines = (await compare(...peers("plain,multistep,folded"), "--check")).trim().split("\n");
          const found = lines.map((line) => JSON.parse(line) as { peer: string; same: boolean });
          expect(found.map(({ peer }) => peer)).toEqual(["plain", "multistep", "folded"]);
          for (const each of found) expect(each.same, JSON.stringify(each)).toBe(true);
        },
        timeout,
      );

      it(
        "puts peers and ours in one table, with the plain way as the measure",
        async () => {
          const { rows } = JSON.parse(
            await compare(...tiny, ...peers("plain"), "--work", "infer", "--json"),
          ) as {
            rows: Row[];
          };
          expect(names(rows)).toEqual(["plain infer", "ours infer fast", "ours infer int8"]);
          for (const { ms, ratioToPlain } of rows) expect(ratioToPlain?.ms).toBeCloseTo(rows[0]!.ms / ms, 6);
        },
        timeout,
      );
    },
  );
});

/** Of `bench/peers/setup`, of the variable PEERS_PYTHON, or the one on the path. */
function pythonWithTorch(): string | undefined {
  const candidates = [process.env.PEERS_PYTHON, `${root}/build/peers/bin/python`, "python3"];
  const program = "import torch; raise SystemExit(int(torch.__version__.split('.')[0]) < 2)";
  return candidates.find((path) => path && spawnSync(path, ["-c", program]).status === 0);
}
