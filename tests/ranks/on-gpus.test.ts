/** Ranks on GPUs, or on devices that stand for them: scripts/test-device. Without either they are skipped. */
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { countGpus } from "../../src/engine/index.js";
import { processTimeout, snnsegInside } from "../cli/snnseg.js";
import { anyTraining, freePort, obstacle, type RankStart, rankOf, spiking } from "./rank-processes.js";
import { weightsApart } from "./weights-apart.js";

const device = process.env.SNNSEG_TEST_DEVICE ?? "";
/** Each process has one of its own, and all are the first. */
const isStandIn = (process.env.LIBTORCH ?? "").endsWith("/stand-in-gpu");
const why = device === "" ? " (skipped, as no device is to be tested)" : obstacle;
const tooFew =
  why === "" && !isStandIn && countGpus() < 2 ? " (skipped, as this machine has fewer than two)" : why;

const folder = mkdtempSync(join(tmpdir(), "snnseg-rank-gpus-"));
afterAll(() => rmSync(folder, { recursive: true }));
let runs = 0;
const freshRun = () => join(folder, `run-${++runs}`);

const training = [
  ...[...anyTraining, "--dataset", "digits", "--digits-train", "10", "--digits-val", "3"],
  ...["--batch-size", "4", "--epochs", "2", "--eval-every", "2"],
];

type Place = Readonly<Record<string, string>>;
/** The stand-in's tensors go through the processor's memory, or are exchanged as NCCL's are. */
const throughMemory: Place = {};
const onDevices: Place = { SNNSEG_STAND_IN_EXCHANGE: "1" };

interface Start {
  readonly env?: (rank: number) => Place;
  readonly onStart?: (rank: number) => RankStart["onStart"];
}

async function two(words: readonly string[], { env, onStart }: Start) {
  const port = await freePort();
  return await Promise.all(
    [0, 1].map((rank) => {
      const watch = onStart?.(rank);
      return rankOf(rank, [...training, "--device", "cuda", ...words], {
        ...{ world: 2, port, env: { ...(isStandIn && { LOCAL_RANK: "0" }), ...env?.(rank) } },
        ...(watch && { onStart: watch }),
      });
    }),
  );
}

describe.skipIf(tooFew !== "")(`ranks on GPUs${tooFew}`, { timeout: processTimeout }, () => {
  it.each([
    ["an ANN that learns its norm", ["--model", "ann", "--norm", "affine", "--clip-gradient", "1"], 1e-5],
    ["a spiking network", spiking, 1e-4],
  ] as const)("train %s as one process on the CPU does", async (_, words, bound) => {
    const alone = freshRun();
    const synchronised = [...words, "--sync-norm"];
    const { code, err } = await snnsegInside([...training, ...synchronised, "--run", alone]);
    expect(code, err).toBe(0);
    for (const env of isStandIn ? [throughMemory, onDevices] : [{}]) {
      const run = freshRun();
      for (const end of await two([...synchronised, "--run", run], { env: () => env }))
        expect(end.code, end.err).toBe(0);
      expect(await weightsApart(alone, run)).toBeLessThan(bound);
    }
  });

  it("train on bits as one process on the GPU does", async () => {
    const words = [...spiking, "--precision", "bf16", "--sync-norm"];
    const [alone, run] = [freshRun(), freshRun()];
    const { code, err } = await snnsegInside([...training, ...words, "--device", "cuda", "--run", alone]);
    expect(code, err).toBe(0);
    for (const end of await two([...words, "--run", run], { env: () => onDevices }))
      expect(end.code, end.err).toBe(0);
    expect(await weightsApart(alone, run)).toBeLessThan(1e-3);
  });

  it.each(["SIGKILL", "SIGSTOP"] as const)("end when one is gone: %s", async (signal) => {
    const run = freshRun();
    let [since, ended] = [0, 0];
    let gone: ChildProcess | undefined;
    const ends = await two(
      [
        ...[...spiking, "--sync-norm", "--epochs", "5000", "--eval-every", "5000"],
        ...["--save-every", "2", "--rank-timeout", "20", "--run", run],
      ],
      {
        env: () => onDevices,
        onStart: (rank) => (child) => {
          if (rank === 0) {
            child.on("exit", () => {
              ended = performance.now();
              // The other one, where it only stands still.
              gone?.kill("SIGKILL");
            });
            return;
          }
          gone = child;
          const watch = setInterval(() => {
            if (!existsSync(join(run, "checkpoints/last.safetensors"))) return;
            clearInterval(watch);
            since = performance.now();
            child.kill(signal);
          }, 20);
        },
      },
    );
    expect(ends[0]!.code).toBe(1);
    expect(ends[0]!.err).toContain("rank 1 no longer answers");
    expect(ended - since).toBeLessThan(21_500);
  });

  it.runIf(isStandIn)(
    "are refused where they exchange tensors otherwise, and where two share one",
    async () => {
      const words = [...spiking, "--run", freshRun()];
      for (const { code, err } of await two(words, {
        env: (rank) => (rank === 0 ? onDevices : throughMemory),
      })) {
        expect(code).toBe(2);
        expect(err).toContain("expected the same exchange of tensors on all ranks, received ");
      }
      for (const { code, err } of await two(words, { env: () => ({ SNNSEG_STAND_IN_IDENTITY: "GPU-5f" }) })) {
        expect(code).toBe(2);
        expect(err).toContain("expected a GPU of its own for each rank, received GPU-5f on ranks 0 and 1");
      }
    },
  );
});
