/** What `snnseg robustness` leaves in a run folder, read back for the report. */
import { existsSync } from "node:fs";
import { z } from "zod";
import { DataFormatError } from "../errors.js";
import { readFileBytes } from "../files/index.js";
import type { ComparedCurve } from "../report/index.js";

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
