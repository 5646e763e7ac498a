/** The frames of a video that is a folder of pictures, and the masks that some of them have. */
import { readdir } from "node:fs/promises";
import { join, parse } from "node:path";
import { DataFormatError, OptionError } from "../../../errors.js";
import { fileError, isSystemFile } from "../../../files/index.js";
import { maskSuffixes, pictureSuffixes } from "../../../images/index.js";
import { frameName, naturalOrder } from "../../lists/frame-order.js";

/** One frame; paths of its picture and its mask. */
export interface VideoFrame {
  readonly picture: string;
  readonly mask: string | undefined;
}

/**
 * The pictures of a folder in natural order, each with the mask of its name.
 *
 * @param folder - holds frames that follow each other, of one video
 * @param masks - a folder of masks of some or all frames
 * @throws OptionError if there are fewer than two frames, a mask has no frame, or two pictures or masks have one name; DataFormatError if frames are missing in between, by the
 * numbers that their names end in; FileError
 */
export async function videoFrames(folder: string, masks?: string): Promise<readonly VideoFrame[]> {
  const names = await filesOf(folder, {
    suffixes: pictureSuffixes,
    expected: "a folder of a video's frames",
  });
  if (names.length < 2) {
    throw new OptionError(
      `simulate ${folder}: expected two or more frames (${[...pictureSuffixes].join(", ")}), received ${names.length}; put the video's frames there`,
    );
  }
  checkSequence(folder, names);
  const maskOf = new Map<string, string>();
  if (masks !== undefined) {
    const found = await filesOf(masks, { suffixes: maskSuffixes, expected: "a folder of the frames' masks" });
    for (const name of found) maskOf.set(parse(name).name, join(masks, name));
    const stems = new Set(names.map((name) => parse(name).name));
    const [alone] = [...maskOf].find(([stem]) => !stems.has(stem)) ?? [];
    if (alone !== undefined || maskOf.size === 0) {
      throw new OptionError(
        `simulate ${folder}: expected masks named as their frames in ${masks}, received ${alone === undefined ? "none" : `${alone} without a frame`}; correct the names`,
      );
    }
  }
  return names.map((name) => ({ picture: join(folder, name), mask: maskOf.get(parse(name).name) }));
}

async function filesOf(
  folder: string,
  { suffixes, expected }: { readonly suffixes: ReadonlySet<string>; readonly expected: string },
): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw fileError(error, { operation: `simulate ${folder}`, expected });
  });
  const wanted = (name: string) => suffixes.has(parse(name).ext.toLowerCase()) && !isSystemFile(name);
  const files = names.filter(wanted).sort(naturalOrder);
  const taken = new Map<string, string>();
  for (const file of files) {
    const { name } = parse(file);
    const before = taken.get(name);
    if (before !== undefined) {
      throw new OptionError(
        `simulate ${folder}: expected one file named ${name}, received ${before} and ${file}; move one of them away`,
      );
    }
    taken.set(name, file);
  }
  return files;
}

/** Numbered frames are of one video, and as far apart as the first two. */
function checkSequence(folder: string, names: readonly string[]): void {
  const numbered = names.map((name) => frameName(parse(name).name));
  if (numbered.every(({ frame }) => frame < 0)) return;
  const step = numbered[1]!.frame - numbered[0]!.frame;
  const next = "put the missing frame there, or number the frames anew";
  for (let i = 1; i < numbered.length; i++) {
    const [before, now] = [numbered[i - 1]!, numbered[i]!];
    if (now.recording !== before.recording) {
      throw new DataFormatError(
        `simulate ${folder}: expected the frames of one video, received ${names[i]} after ${names[i - 1]}; give every video a folder of its own`,
      );
    }
    if (now.frame - before.frame !== step || step < 1) {
      throw new DataFormatError(
        `simulate ${folder}: expected frame ${before.frame + Math.max(1, step)} after ${names[i - 1]}, received ${names[i]}; ${next}`,
      );
    }
  }
}
