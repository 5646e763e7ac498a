/** Which frames a split of DDD17 in Ev-SegNet's layout has. */
import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DataFormatError, FileError } from "../../../errors.js";
import { isSystemFile, writeFileAtomic } from "../../../files/index.js";
import { frameName, naturalOrder } from "../../lists/frame-order.js";
import {
  checkFolder,
  checkListedFiles,
  type ListLine,
  listError,
  listedPath,
  readListFile,
} from "../../lists/list-file.js";
import type { ListedRoot } from "../../lists/list-layout.js";

/** One frame of events with its labels; paths as lists have them, the name has no suffix. */
export interface FramePair {
  readonly name: string;
  readonly events: string;
  readonly labels: string;
}

/** The folders under `events` that Ev-SegNet's archive has. */
const eventFolders = ["train", "test", "other"];

/**
 * Positions, among all recordings in natural order, of those that ESS takes for each split.
 *
 * @see Sun, Messikommer, Gehrig & Scaramuzza, "ESS: Learning event-based semantic segmentation from still images", ECCV 2022
 */
const essRecordings: Readonly<Record<string, readonly number[]>> = {
  train: [0, 2, 3, 5, 6],
  val: [1],
  test: [4],
};

/**
 * The frames of a split: those of the list given for it, of `datalists/SPLIT-new.txt` or `datalists/SPLIT.txt`,
 * else of the folder `events/SPLIT` in natural order, as far as they have labels.
 *
 * @param trusted - skips the check that all files exist
 * @throws FileError or DataFormatError naming folder, list or line
 */
export async function ddd17Frames(
  spec: ListedRoot & { readonly division?: "ev-segnet" | "ess" },
  split: string,
  trusted: boolean,
): Promise<readonly FramePair[]> {
  const { root, lists } = spec;
  checkFolder(root, "ddd17");
  const given = lists?.[split];
  if (given !== undefined) return listedFrames(resolve(root, given), root, trusted);
  if (spec.division === "ess") return essFrames(root, split);
  const list = [`${split}-new.txt`, `${split}.txt`]
    .map((name) => join(root, "datalists", name))
    .find(existsSync);
  return list === undefined ? folderFrames(root, split) : listedFrames(list, root, trusted);
}

async function listedFrames(list: string, root: string, trusted: boolean): Promise<readonly FramePair[]> {
  const lines = await readListFile(list);
  const pairs = lines.map(ddd17Pair);
  if (!trusted) {
    await checkListedFiles(
      pairs.flatMap(({ events, labels }, i) => {
        return [events, labels].map((path) => ({ path: listedPath(root, path), from: lines[i] as ListLine }));
      }),
    );
  }
  return pairs;
}

/** What a line of a list stands for. */
export function ddd17Pair(line: ListLine): FramePair {
  const [events, labels] = line.fields;
  if (events === undefined || labels === undefined || !events.endsWith(".npy") || line.fields.length > 2) {
    throw listError(line, "two relative paths, events/….npy and labels/….png");
  }
  return { name: events.slice(0, -".npy".length), events, labels };
}

/**
 * The frames of one folder, by recording and number, that have both events and labels.
 *
 * @throws FileError if the folder is missing, DataFormatError if no frame is complete
 */
export async function folderFrames(root: string, folder: string): Promise<readonly FramePair[]> {
  const events = await readdir(join(root, "events", folder)).catch(() => undefined);
  if (events === undefined) {
    const present = (await readdir(join(root, "events")).catch(() => [])).join(", ") || "none";
    throw new FileError(
      `open ddd17 ${folder}: expected the folder ${join(root, "events", folder)} or a list ${join(root, "datalists", `${folder}-new.txt`)}, received neither (folders of events: ${present}); choose another split or write the list`,
    );
  }
  const labels = new Set(await readdir(join(root, "labels", folder)).catch(() => []));
  const frames = events
    .filter(
      (file) =>
        file.endsWith(".npy") && !isSystemFile(file) && labels.has(`${file.slice(0, -".npy".length)}.png`),
    )
    .sort(naturalOrder)
    .map((file) => file.slice(0, -".npy".length))
    .map((name) => ({
      name: `events/${folder}/${name}`,
      events: `events/${folder}/${name}.npy`,
      labels: `labels/${folder}/${name}.png`,
    }));
  if (frames.length > 0) return frames;
  throw new DataFormatError(
    `open ddd17 ${folder}: expected .npy files in ${join(root, "events", folder)} with label .png files of the same names in ${join(root, "labels", folder)}, received ${events.length} and ${labels.size} files without a pair; restore them`,
  );
}

async function essFrames(root: string, split: string): Promise<readonly FramePair[]> {
  const present = eventFolders.filter((folder) => existsSync(join(root, "events", folder)));
  const frames = (
    await Promise.all(present.map((folder) => folderFrames(root, folder).catch(noFrames)))
  ).flat();
  const recordingOf = ({ name }: FramePair) => frameName(name.slice(name.lastIndexOf("/") + 1)).recording;
  const recordings = [...new Set(frames.map(recordingOf))].sort(naturalOrder);
  const wanted = essRecordings[split];
  const missing = wanted?.find((position) => position >= recordings.length);
  if (wanted === undefined || missing !== undefined) {
    throw new DataFormatError(
      `open ddd17 ${split} in the division of ESS: expected the splits train, val, test over 7 recordings, received "${split}" and ${recordings.length} recordings in ${root}; use the Ev-SegNet division, or restore the missing ones`,
    );
  }
  const chosen = new Set(wanted.map((position) => recordings[position]));
  return frames
    .filter((frame) => chosen.has(recordingOf(frame)))
    .sort((a, b) =>
      naturalOrder(a.name.slice(a.name.lastIndexOf("/")), b.name.slice(b.name.lastIndexOf("/"))),
    );
}

function noFrames(error: unknown): readonly FramePair[] {
  if (error instanceof DataFormatError) return [];
  throw error;
}

/** Writes the list of all frames of a split that have labels. */
export async function writeFrameList(root: string, split: string): Promise<void> {
  const frames = await folderFrames(root, split);
  const list = frames.map(({ events, labels }) => `${events} ${labels}\n`).join("");
  await writeFileAtomic(join(root, "datalists", `${split}-new.txt`), list);
}
