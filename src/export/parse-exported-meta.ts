/** What an exported file says about itself, checked when it is read. */
import { z } from "zod";
import { DataFormatError } from "../errors.js";
import type { ExportedMeta } from "./exported-meta.js";

const figure = z.number();
const pair = z.tuple([figure, figure]);
const scale = z.object({ source: figure, subtract: figure, divide: figure });
const input = z.discriminatedUnion("kind", [
  z.object({
    ...{ kind: z.literal("picture"), size: pair, channels: figure, preprocessing: z.string() },
    ...{ scale: z.array(scale), fit: z.string() },
  }),
  z.looseObject({
    ...{ kind: z.literal("events"), size: pair, channels: figure },
    ...{ representation: z.string(), bins: figure, windowUs: figure, scaling: z.enum(["channel", "column"]) },
  }),
]);
const schema = z.looseObject({
  ...{ name: z.string(), classes: z.array(z.string()), colors: z.array(z.array(figure).length(3)), input },
  ...{ encoding: z.enum(["direct", "poisson", "sequence"]), timesteps: z.int().min(1) },
  ...{ architecture: z.string(), snnseg: z.string() },
});

/**
 * Reads the metadata of an exported file.
 *
 * @param json - as the file holds it
 * @param operation - begins the error's message
 * @throws DataFormatError if it is none
 */
export function parseExportedMeta<More extends object>(
  json: string,
  operation: string,
): ExportedMeta & Partial<More> {
  const wrong = (received: string) =>
    new DataFormatError(
      `${operation}: expected metadata of snnseg export, received ${received}; export the run again`,
    );
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw wrong("text that is no JSON");
  }
  const { success, error } = schema.safeParse(value);
  if (success) return value as ExportedMeta & Partial<More>;
  const issue = error.issues[0]!;
  throw wrong(`a wrong ${issue.path.join(".")} (${issue.message})`);
}
