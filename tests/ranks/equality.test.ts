import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readMetrics } from "../../src/training/index.js";
import { processTimeout, snnsegInside } from "../cli/snnseg.js";
import { obstacle, ranksOf, spiking, tinyTraining } from "./rank-processes.js";
import { weightsApart } from "./weights-apart.js";

const folder = mkdtempSync(join(tmpdir(), "snnseg-ranks-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (run: string) => join(folder, run);

const cases = [
  ["a spiking network, batch norm through time", 2, spiking],
  [
    "an ANN that learns its norm, FCN, focal loss",
    3,
    ["--model", "ann", "--arch", "fcn-vgg9", "--norm", "affine", "--loss", "focal"],
  ],
  [
    "Poisson input, class weights, a moving average, clipped gradients, an auxiliary head",
    2,
    [
      ...[
        "--model",
        "snn",
        "--timesteps",
        "2",
        "--class-weights",
        "log",
        "--average",
        "0.9",
        "--clip-gradient",
        "1",
      ],
      ...["--auxiliary-weight", "0.4", "--optimizer", "adamw"],
    ],
  ],
  ["bit-packed spikes", 2, [...spiking, "--precision", "bf16"]],
  [
    "maps of 1x1, of which each rank has one value",
    2,
    [...spiking, "--img-size", "4", "--batch-size", "2", "--epochs", "2", "--eval-every", "2"],
  ],
] as const;

describe.skipIf(obstacle !== "")(
  `ranks with synchronised norm${obstacle}`,
  { timeout: processTimeout },
  () => {
    it.each(cases)("train %s as one process does, on %i ranks", async (name, world, given) => {
      const run = (count: number) => `${cases.findIndex(([each]) => each === name)}-${count}`;
      const words = (count: number) => [
        ...tinyTraining,
        ...given,
        "--sync-norm",
        "--run",
        join(folder, run(count)),
      ];
      for (const { code, err } of [await snnsegInside(words(1)), ...(await ranksOf(world, words(world)))])
        expect(code, err).toBe(0);
      // Gradients that are summed in bfloat16 are rounded otherwise.
      const bound = name.startsWith("bit") ? 1e-4 : 1e-5;
      expect(await weightsApart(at(run(1)), at(run(world)))).toBeLessThan(bound);
      const [a, b] = await Promise.all(
        [1, world].map((count) => readMetrics(join(folder, run(count), "metrics.jsonl"))),
      );
      for (const [i, { time: _, ...record }] of a!.entries()) {
        const { time: __, ...other } = b![i]!;
        expect(other).toMatchObject({ kind: record.kind, epoch: record.epoch, examples: record.examples });
        expect(other.loss).toBeCloseTo(record.loss, 4);
        for (const [layer, rate] of Object.entries(record.rates))
          expect(other.rates[layer]).toBeCloseTo(rate, 2);
        if (record.kind === "evaluation" && other.kind === "evaluation")
          expect(other.meanIoU).toBeCloseTo(record.meanIoU, 3);
      }
    });
  },
);
