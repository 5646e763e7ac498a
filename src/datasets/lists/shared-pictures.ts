/** Pictures that are in two splits: scores of one then tell nothing about what the other has not seen. */
import { stat } from "node:fs/promises";
import { sha256File } from "../../files/index.js";

/** A picture as a list has it. */
export interface ListedPicture {
  readonly split: string;
  /** Of the list, from 1. */
  readonly line: number;
  readonly file: string;
}

/** A picture that an earlier split has too. */
export interface SharedPicture {
  readonly picture: ListedPicture;
  readonly earlier: ListedPicture;
}

/**
 * Finds pictures of equal content in different splits, whatever their names. Only files of equal size are read;
 * files that are not there are passed over.
 *
 * @param pictures - split after split
 */
export async function sharedPictures(pictures: readonly ListedPicture[]): Promise<readonly SharedPicture[]> {
  const bySize = new Map<number, ListedPicture[]>();
  for (const picture of pictures) {
    const bytes = (await stat(picture.file).catch(() => undefined))?.size;
    if (bytes === undefined) continue;
    const others = bySize.get(bytes);
    if (others === undefined) bySize.set(bytes, [picture]);
    else others.push(picture);
  }
  const found: SharedPicture[] = [];
  for (const candidates of bySize.values()) {
    if (new Set(candidates.map(({ split }) => split)).size < 2) continue;
    const first = new Map<string, ListedPicture>();
    for (const picture of candidates) {
      const digest = await sha256File(picture.file);
      const earlier = first.get(digest);
      if (earlier === undefined) first.set(digest, picture);
      else if (earlier.split !== picture.split) found.push({ picture, earlier });
    }
  }
  return found;
}
