/** One picture, from a file or the page. */
import { type Source, SourceError } from "./source.js";

/** More pixels than a browser can be asked to hold several times over. */
const mostPixels = 64e6;

/**
 * @param file - a picture in any format that the browser reads
 * @param name - shown to the reader
 * @throws SourceError where it reads none
 */
export async function openPicture(file: Blob, name: string): Promise<Source> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new SourceError(
      `${name}: expected a picture, received something that this browser cannot decode; the file may be damaged`,
    );
  });
  const { width, height } = picture;
  if (width * height > mostPixels) {
    picture.close();
    throw new SourceError(
      `${name}: expected at most ${mostPixels / 1e6} million pixels, received ${width} × ${height}; make it smaller`,
    );
  }
  return {
    name,
    moves: false,
    input: async () => ({ kind: "picture", bitmap: await createImageBitmap(picture) }),
    timeUs: () => 0,
    setPaused() {},
    async step() {},
    close: () => picture.close(),
  };
}
