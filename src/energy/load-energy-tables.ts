/** Energy tables of the user's own, from a JSON file. */
import { z } from "zod";
import { DataFormatError } from "../errors.js";
import { readFileBytes } from "../files/index.js";
import type { EnergyTables } from "./energy-constants.js";

const energy = z.number().positive();
const tablesSchema = z.strictObject({
  processes: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        source: z.string().min(1),
        macPj: energy,
        acPj: energy,
        intMultiplyPj: energy,
        intAddPj: energy,
        drawPj: energy,
        sramPjPerBit: energy,
        dramPjPerBit: energy,
      }),
    )
    .min(1),
  chips: z.array(
    z.strictObject({ name: z.string().min(1), pjPerSynapticOperation: energy, source: z.string().min(1) }),
  ),
});

/**
 * Reads a table in the form of {@link publishedEnergies} from a JSON file.
 *
 * @param path - all energies in it are positive, in picojoules
 * @throws FileError if it cannot be read
 * @throws DataFormatError naming the first entry that is missing or no energy
 */
export async function loadEnergyTables(path: string): Promise<EnergyTables> {
  const parsed = tablesSchema.safeParse(await readJson(path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new DataFormatError(
    `${path}: expected energies in picojoules, received at ${issue.path.join(".") || "the top"}: ${issue.message}; ` +
      "start from the table that `snnseg energy --print-constants` writes",
    { cause: parsed.error },
  );
}

async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readFileBytes(path));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DataFormatError(
      `${path}: expected JSON, received ${(error as Error).message}; check its commas`,
      {
        cause: error,
      },
    );
  }
}
