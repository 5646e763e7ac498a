/** `simulation.json`: what all files of a folder of simulated events have in common, and of which video a recording is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { OptionError } from "../../../errors.js";
import { readFileBytes, writeFileAtomic } from "../../../files/index.js";

/** Folders of videos by the recordings' paths in the folder. */
export type Videos = Readonly<Record<string, string>>;

const fileOf = (out: string) => join(out, "simulation.json");
const textOf = (settings: object) => JSON.stringify(settings, undefined, 2);

/**
 * @returns the videos that are noted in the folder
 * @throws OptionError if the folder was begun with other settings
 */
export async function checkBegun(out: string, settings: object): Promise<Videos> {
  const file = fileOf(out);
  if (!existsSync(file)) return {};
  const { videos = {}, ...begun } = parsed(new TextDecoder().decode(await readFileBytes(file)));
  if (textOf(begun) === textOf(settings)) return videos;
  throw new OptionError(
    `simulate: expected the settings that ${out} was begun with, which ${file} says, received ${JSON.stringify(settings)}; ` +
      "go on with those, or choose a new folder",
  );
}

/** Notes the settings in the folder, and videos where there are any. */
export async function noteBegun(out: string, settings: object, videos?: Videos): Promise<void> {
  await writeFileAtomic(fileOf(out), `${textOf({ ...settings, ...(videos && { videos }) })}\n`);
}

/** The settings of a file that somebody broke are nobody's. */
function parsed(text: string): { readonly videos?: Videos } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
