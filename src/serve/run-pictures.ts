/** The pictures that a run has made so far. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/** A PNG file in a run's folder of pictures. */
export type RunPicture = {
  /** Without `.png`. */
  readonly name: string;
  /** Another one for every content. */
  readonly version: string;
};

/** More are not shown; a run makes a few. */
const mostPictures = 100;

/**
 * The PNG files of a folder in the order of their names; links and folders are none.
 *
 * @param folder - need not be there
 */
export async function runPictures(folder: string): Promise<RunPicture[]> {
  const names = await readdir(folder).catch(() => []);
  const pictures = names
    .filter((name) => name.endsWith(".png"))
    .sort()
    .slice(0, mostPictures)
    .map(async (name): Promise<RunPicture | undefined> => {
      const about = await lstat(join(folder, name)).catch(() => undefined);
      if (!about?.isFile()) return undefined;
      const version = `${about.ino.toString(36)}-${Math.round(about.mtimeMs).toString(36)}-${about.size.toString(36)}`;
      return { name: name.slice(0, -".png".length), version };
    });
  return (await Promise.all(pictures)).filter((picture) => picture !== undefined);
}
