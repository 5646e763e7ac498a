/** A run's sweep as it lies in its folder. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { DataFormatError } from "../../errors.js";
import { readFileBytes, writeFileAtomic } from "../../files/index.js";
import type { ComparedCurve } from "../../report/index.js";
import type { RunRobustness } from "./sweep-robustness.js";

const curves = z.object({
  curves: z.array(
    z.object({
      kind: z.string(),
      unit: z.string(),
      relativeArea: z.number().nullable(),
      points: z.array(
        z.object({
          strength: z.number(),
          meanIoU: z.number(),
          interval: z.object({ low: z.number(), high: z.number() }),
        }),
      ),
    }),
  ),
});

/**
 * The curves in a file, or `null` where there is none.
 *
 * @throws DataFormatError if the file holds something else
 */
export async function storedRobustness(
  path: string,
): Promise<{ readonly curves: readonly ComparedCurve[] } | null> {
  if (!existsSync(path)) return null;
  const text = new TextDecoder().decode(await readFileBytes(path));
  try {
    return curves.parse(JSON.parse(text));
  } catch (error) {
    throw new DataFormatError(
      `${path}: expected what snnseg robustness writes, received something else; run it again, or remove the file`,
      { cause: error },
    );
  }
}

/**
 * Keeps a sweep beside a run's `config.json`, or beside a checkpoint file of its own; replaces what was kept before.
 *
 * @param result - of {@link sweepRobustness}; its `checkpoint` says where
 * @throws FileError if it cannot be written
 */
export async function saveRobustness(result: RunRobustness): Promise<void> {
  await writeFileAtomic(robustnessFile(result.checkpoint), `${JSON.stringify(result, undefined, 2)}\n`);
}

/** Where {@link saveRobustness} keeps the sweep of a checkpoint. */
export function robustnessFile(checkpoint: string): string {
  const folder = dirname(checkpoint);
  return folder.endsWith("checkpoints")
    ? join(dirname(folder), "robustness.json")
    : checkpoint.replace(/\.safetensors$/, ".robustness.json");
}
