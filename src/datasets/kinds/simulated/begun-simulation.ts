/** `simulation.json`: what all files of a folder of simulated events have in common. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OptionError } from "../../../errors.js";
import { readFileBytes, writeFileAtomic } from "../../../files/index.js";

const fileOf = (out: string) => join(out, "simulation.json");
const textOf = (settings: object) => `${JSON.stringify(settings, undefined, 2)}\n`;

/** @throws OptionError if the folder was begun with other settings */
export async function checkBegun(out: string, settings: object): Promise<void> {
  const file = fileOf(out);
  if (!existsSync(file)) return;
  const begun = new TextDecoder().decode(await readFileBytes(file));
  if (begun === textOf(settings)) return;
  throw new OptionError(
    `simulate: expected the settings that ${out} was begun with, which ${file} says, received ${JSON.stringify(settings)}; ` +
      "go on with those, or choose a new folder",
  );
}

/** Notes the settings in the folder. */
export async function noteBegun(out: string, settings: object): Promise<void> {
  await writeFileAtomic(fileOf(out), textOf(settings));
}
